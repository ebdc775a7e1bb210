"""The systems of lessons 07 and 11 on a model that is a function, and what a run of them may not
keep silent about.
"""

import json

from anthropic import APIError

from mas_helpers import (
    HAIKU,
    Agent,
    ReplyError,
    RetryOnce,
    ToolAgent,
    coordinate,
    fake_client,
    orchestrate,
)
from mas_helpers.agents import Fact, FactCheck, Notes, with_deadline
from mas_helpers.agents.coordinator import Brief, NoFactsFound, WriterFailed
from mas_helpers.agents.deadlines import DeadlinePassed
from mas_helpers.agents.orchestrator import AllWorkersFailed, OrchestrationResult, SynthesisFailed
from mas_helpers.agents.planner import InvalidPlan
from mas_helpers.bench import run_trial, violations

ERRORS = (
    InvalidPlan,
    AllWorkersFailed,
    SynthesisFailed,
    NoFactsFound,
    WriterFailed,
    DeadlinePassed,
    ReplyError,
    APIError,
)
DEADLINE, BUDGET = 150.0, 1.0

KINDS = ("data", "summary", "code")
PLAN = json.dumps(
    {"subtasks": [{"kind": kind, "task": f"the task of {kind}", "needs": []} for kind in KINDS]}
)
ANSWERS = {
    "planner": PLAN,
    "synthesizer": "All of it.",
    **{kind: f"What {kind} found." for kind in KINDS},
}

DOCUMENTS = {f"{kind}.md": f"The {kind} of it is known." for kind in KINDS}
TOPICS = {
    f"topic {kind}": Fact(claim=kind, document=f"{kind}.md", words=DOCUMENTS[f"{kind}.md"])
    for kind in KINDS
}
DRAFTS = ["Known [1][2][3], and more.", "Known [1]."]


def usage(text, seconds):
    tokens = {"input_tokens": 300, "output_tokens": 30}
    return {"content": [{"type": "text", "text": text}], "seconds": seconds, "usage": tokens}


def orchestrator(body):
    return usage(ANSWERS[body["system"]], 3.0 + len(body["system"]) / 10)


def coordinator(body):
    name, prompt = body["system"], body["messages"][0]["content"]
    if name == "researcher" and len(body["messages"]) == 1:
        look = {
            "type": "tool_use",
            "id": "t1",
            "name": "look",
            "input": {"name": TOPICS[prompt].document},
        }
        return usage("", 1.0) | {"content": [look], "stop_reason": "tool_use"}
    if name == "researcher":
        return usage(
            Notes(facts=[TOPICS[prompt]], gaps=[]).model_dump_json(), 4.0 + len(prompt) / 10
        )
    if name == "writer":
        return usage(DRAFTS["Your last draft" in prompt], 5.0)
    check = FactCheck(
        objections=[]
        if DRAFTS[1] in prompt
        else [{"words": "and more", "reason": "nobody says so"}]
    )
    return usage(check.model_dump_json(), 2.0)


async def look(name: str) -> str:
    """The document of that name."""
    return DOCUMENTS[name]


def orchestrated(faults, patient=False, **options):
    client = fake_client(orchestrator, faults=faults, timeout=15.0)
    agents = {name: Agent(name, HAIKU, name, client=client) for name in ANSWERS}
    workers = {
        kind: RetryOnce(agents[kind], 10.0, 20.0) if patient else agents[kind] for kind in KINDS
    }
    return orchestrate("What of it?", agents["planner"], workers, agents["synthesizer"], **options)


def coordinated(faults, patient=False, **options):
    client = fake_client(coordinator, faults=faults, timeout=15.0)
    researcher = ToolAgent("researcher", HAIKU, "researcher", client=client, tools=[look])
    people = [
        researcher,
        *(Agent(name, HAIKU, name, client=client) for name in ("writer", "fact-checker")),
    ]
    people = [RetryOnce(one, 20.0, 40.0) for one in people] if patient else people
    return coordinate("What of it?", list(TOPICS), *people, DOCUMENTS, **options)


SYSTEMS = {"orchestrate": orchestrated, "coordinate": coordinated}


def unsaid(result):
    """What is missing in a result and not named by it."""
    if isinstance(result, OrchestrationResult):
        wrong = [
            p.subtask.task
            for p in result.parts
            if not p.missing and p.answer != ANSWERS[p.subtask.kind]
        ]
        wrong += [
            f"the task of {kind}"
            for kind in KINDS
            if f"the task of {kind}" not in [p.subtask.task for p in result.parts]
        ]
        text = [] if result.text == ANSWERS["synthesizer"] else ["the synthesis"]
        return [f"{what} is not there, and nothing says so" for what in [*wrong, *text]]
    assert isinstance(result, Brief)
    told, silent = "\n".join(result.caveats), []
    for one in result.research:
        if one.facts != [TOPICS[one.topic]] and repr(one.topic) not in told:
            silent.append(f"{one.topic} has no facts, and nothing says so")
    if "and more" in result.text and "and more" not in told and "not fact-checked" not in told:
        silent.append("an objection stands, or was never made, and nothing says so")
    if result.text not in DRAFTS:
        silent.append("the text is not the writer's")
    return silent


def run_of(name, faults, deadline=DEADLINE, **options):
    return run_trial(lambda: with_deadline(SYSTEMS[name](faults, **options), deadline))


def broken(made, deadline=DEADLINE):
    return violations(made, deadline=deadline, budget_usd=BUDGET, unsaid=unsaid, errors=ERRORS)
