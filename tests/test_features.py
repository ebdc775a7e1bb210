"""What lesson 24 checks of each feature can fail: break the feature, and its check says so."""

import contextlib
import re
import sys
from pathlib import Path

import pytest

from mas_helpers import Agent, Fault
from mas_helpers.agents import OrchestrationResult, Plan, RouteResult

sys.path.append(str(Path(__file__).parents[1] / "notebooks"))
import features
import measured


async def answer_by_the_default(request, router, output_type, specialists, default):
    return RouteResult("", default.name, await default.run(request))


async def one_after_the_other(jobs, max_concurrency=None):
    return {name: await job for name, job in jobs.items()}


def forgetting(orchestrate):
    async def orchestrate_and_forget(*arguments):
        result = await orchestrate(*arguments)
        return OrchestrationResult(result.text, [p for p in result.parts if not p.missing])

    return orchestrate_and_forget


def hand_to_nobody(agent, when):
    async def ask(task: str) -> str:
        """Asks nobody."""
        return "nothing"

    ask.__name__ = f"ask_{agent.name}"
    return ask


class Undecided(features.Approvals):
    def decide(self, key, decision):
        pass


async def plan_at_the_end(question, planner, kinds, show):
    await planner.parse(question, Plan)
    show(["How many came at six?"])


async def turn_without_a_past(store, session, question, agent):
    return await agent.run(question)


@contextlib.asynccontextmanager
async def tools_that_say_nothing(server, pins):
    async def call(arguments):
        return ""

    yield [type("Tool", (), {"call": staticmethod(call)})]


async def no_deadline(job, seconds):
    return await job


def in_another_time(body):
    return {**features.play_model(body), "seconds": 1.0}


BROKEN = {
    "routing": {"route": answer_by_the_default},
    "workers at once": {"fan_out": one_after_the_other},
    "a dead worker is named": {"orchestrate": forgetting(features.orchestrate)},
    "handing off": {"handoff": hand_to_nobody},
    "approval": {"Approvals": Undecided},
    "resume": {"DurableAgent": lambda agent, once: agent},
    "streaming": {"stream_plan": plan_at_the_end},
    "memory": {"take_turn": turn_without_a_past},
    "MCP tools": {"server_tools": tools_that_say_nothing},
    "skills": {"skill_reader": lambda skills: lambda skill: ""},
    "a budget in dollars": {"Budget": lambda usd, strict: features.agents.Budget(1.0)},
    "a deadline": {"with_deadline": no_deadline},
    "traces": {"Agent": lambda name, *rest, client: Agent("", *rest, client=client)},
    "a model that plays": {"play_again": lambda trace: in_another_time},
    "faults on purpose": {"Fault": lambda kind, **where: Fault("slow")},
}


@pytest.fixture
def at_home(home, monkeypatch):
    monkeypatch.chdir(home / "notebooks")


def test_each_feature_of_the_course_is_there(at_home):
    did = features.check_features()
    assert [name for name, works in did.items() if not works] == ["a graph, drawn before", "A2A"]


@pytest.mark.parametrize("feature", BROKEN)
def test_a_feature_that_is_broken_is_found(at_home, monkeypatch, tmp_path, feature):
    for name, broken in BROKEN[feature].items():
        monkeypatch.setattr(features, name, broken)
    assert not features.FEATURES[feature](tmp_path)


@pytest.mark.parametrize("feature", ["a graph, drawn before", "A2A"])
def test_what_the_course_does_not_have_would_be_seen(monkeypatch, tmp_path, feature):
    names = [*features.agents.__all__, "draw_graph", "A2AClient"]
    monkeypatch.setattr(features.agents, "__all__", names)
    assert features.FEATURES[feature](tmp_path)


def test_every_feature_is_broken_here_or_looked_for():
    assert set(features.FEATURES) == {*BROKEN, "a graph, drawn before", "A2A"}


def test_what_lesson_24_says_of_the_measured_figures_holds():
    """Its words interpret figures that a script writes: measured again, they have to hold."""
    work = measured.each("orchestration", "cpu_ms").values()
    assert max(work) < 0.02 * 25_000  # "speed is no reason": lesson 07's run takes 25 s
    burst = measured.each("at_once", "100", "cpu_ms_a_call").values()
    assert max(burst) > 2 * min(burst)  # "it's another matter"
    assert max(measured.each("lines").values()) < 100  # "fit on a page"
    assert measured.ROWS["raw_sdk"]["packages"] > 1  # "the SDK alone brings more than one"
    ends = {end for kinds in measured.endings().values() for end in kinds.values()}
    assert {"raises", "names it"} <= ends and ends & set(measured.SILENT)
    assert measured.names_gap("course") and measured.names_gap("nobody's") is None


def test_the_names_are_those_that_the_script_looks_for(home):
    script = (home / "examples" / "frameworks" / "feature_names.py").read_text(encoding="utf-8")
    for one in measured.NAMES.values():
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", one["date"]) and one["version"]
        assert set(one["names"]) <= set(features.FEATURES)
        for name, there in one["names"].values():
            assert f'"{name}"' in script and there in ("yes", "extra", "no")
