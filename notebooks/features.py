"""What a system may need, for lesson 24: each thing is done once, with the package's own function.

`check_features()` runs them all; a function plays the model, so nothing is asked of the API.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from pool import SECONDS, play_model
from pydantic import BaseModel

from mas_helpers import (
    HAIKU,
    Agent,
    Fault,
    ToolAgent,
    agents,
    bench,
    cost_usd,
    fake_client,
    fan_out,
    orchestrate,
    route,
    run,
    trace,
)
from mas_helpers.agents import (
    Approvals,
    Budget,
    Decision,
    DurableAgent,
    Journal,
    NoAnswer,
    Proposal,
    Session,
    SQLiteStore,
    handoff,
    pin_tools,
    server_tools,
    skill_reader,
    skills_in,
    stream_plan,
    take_turn,
    with_deadline,
)
from mas_helpers.bench import play_again, run_trial

DAY = 24 * 3600


def pool(*faults, wrap=lambda agent: agent, model=play_model):
    """The pool's orchestrator of lesson 14: `pool(Fault("refused", agent="data"))`."""
    client = fake_client(model, faults=list(faults))
    team = {name: wrap(Agent(name, HAIKU, name, client=client)) for name in SECONDS}
    workers = {kind: team[kind] for kind in ("data", "summary")}
    return orchestrate("Was it worth it?", team["planner"], workers, team["synthesizer"])


def says(name, text):
    """An agent whose model is a function that always says this."""
    return Agent(name, HAIKU, "Answer.", client=fake_client(lambda body: text))


class Kind(BaseModel):
    category: Literal["cook", "desk"]


def routing(folder):
    """A question about bread goes to the cook, and not to the desk."""
    cook, desk = says("cook", "Rye."), says("desk", "At nine.")
    router = says("router", '{"category": "cook"}')
    result = run(route("Which bread?", router, Kind, {"cook": cook, "desk": desk}, desk))
    return (result.agent, result.answer) == ("cook", "Rye.")


def workers_at_once(folder):
    """Three workers of four seconds take four seconds."""
    with trace() as t:
        jobs = {name: asyncio.sleep(4) for name in "abc"}
        run(fan_out(jobs), clock="virtual")
    return t.seconds == 4


def a_dead_worker_is_named(folder):
    """One of the workers refuses: its task is in `.missing`, and the synthesizer is told."""
    result = run(pool(Fault("refused", agent="summary")), clock="virtual")
    return len(result.missing) == 1 and result.text == "Not all of it."


def handing_off(folder):
    """One agent asks another, as a tool, and reads its answer."""
    asked = {"type": "tool_use", "id": "1", "name": "ask_claims", "input": {"task": "95 minutes"}}

    def desk(body):
        told = body["messages"][-1]["content"]
        return str(told[0]["content"]) if len(body["messages"]) > 1 else {"content": [asked]}

    tool = handoff(says("claims", "Half the fare."), "Says what comes back.")
    asking = ToolAgent("desk", HAIKU, "Help.", client=fake_client(desk), tools=[tool])
    return "Half the fare." in run(asking.run("My train was late."))


def approval(folder):
    """A run waits a day for a person, and the person's answer holds."""
    waiting = Approvals(folder / "approvals.sqlite", now=bench.elapsed)

    async def both():
        asked = waiting.wait("notice", Proposal("Send it?", "Open!"), 7 * DAY, look_every=3600)
        answer = asyncio.create_task(asked)
        await asyncio.sleep(DAY)
        waiting.decide("notice", Decision("refused", "Ruth", "not yet"))
        return await answer

    return run(both(), clock="virtual").by == "Ruth"


def resume(folder):
    """Killed while the synthesizer works, the run asks it alone again."""

    def once(*faults):
        with Journal(folder / "steps.sqlite") as journal:
            return run_trial(
                lambda: pool(*faults, wrap=lambda one: DurableAgent(one, journal.once))
            )

    killed, again = once(Fault("killed", agent="planner", seconds=10)), once()
    return killed.error is not None and [c.agent for c in again.trace.calls] == ["synthesizer"]


def streaming(folder):
    """A task of a plan can be read before the plan is there."""
    seen = []
    planner = Agent("planner", HAIKU, "planner", client=fake_client(play_model))

    async def watch():
        loop = asyncio.get_running_loop()

        def note(tasks):
            seen.extend([loop.time()] if tasks else [])

        await stream_plan("Was it worth it?", planner, ["data", "summary"], note)
        return loop.time()

    end = run(watch(), clock="virtual")
    return seen[0] < end


def memory(folder):
    """The second turn reads what was said in the first."""
    store, prompts = SQLiteStore(folder / "turns.sqlite"), []
    client = fake_client(lambda body: prompts.append(str(body["messages"])) or "Yes.")
    desk, session = Agent("desk", HAIKU, "Answer.", client=client), Session("ada", "today")

    async def turns():
        for text in ("My name is Ada.", "Who am I?"):
            await take_turn(store, session, text, desk)

    run(turns())
    return "My name is Ada." in prompts[1]


def mcp_tools(folder):
    """A tool of an MCP server is pinned, listed and called."""
    from rail import TRAINS, rail

    async def call():
        pins = {"departures": (await pin_tools(rail))["departures"]}
        async with server_tools(rail, pins) as (departures,):
            return await departures.call({"station": "Stell"})

    return TRAINS["Stell"] in run(call())


def skills(folder):
    """A skill is read out of its folder when it's asked for."""
    read = skill_reader(skills_in(Path("skills")))
    return "finder" in read("lost-property")


def budget(folder):
    """Fifty agents at once spend no more than the cap, and some of them are refused."""
    cap = Budget(CAP, strict=True)
    client = fake_client(lambda body: {"content": YES, "usage": USED}, middleware=[cap])

    async def ask(name):
        try:
            return await Agent(name, HAIKU, "Answer.", client=client, max_tokens=500).run("Well?")
        except agents.BudgetReached:
            return None

    with trace() as t:
        said = run(fan_out({str(n): ask(str(n)) for n in range(50)}), clock="virtual")
    return 0 < cost_usd(t) <= CAP and None in said.values() and "Yes." in said.values()


YES = [{"type": "text", "text": "Yes."}]
CAP = 0.005  # dollars; all fifty would cost 0.0125
USED = {"input_tokens": 500, "output_tokens": 400}


def deadline(folder):
    """A run that would take twelve seconds ends after five."""
    with trace() as t:
        try:
            run(with_deadline(pool(), 5), clock="virtual")
        except NoAnswer:
            return t.seconds == 5
    return False


def traces(folder):
    """Each call is a span under its agent's name, with its tokens and its seconds."""
    with trace() as t:
        run(pool(), clock="virtual")
    names = {call.agent for call in t.calls}
    return names == set(SECONDS) and all(c.input_tokens and c.seconds for c in t.calls)


def a_model_that_plays(folder):
    """A function plays the model, and the run is played again: same answer, same seconds."""
    with trace() as first:
        answer = run(pool(), clock="virtual").text
    with trace() as second:
        again = run(pool(model=play_again(first)), clock="virtual").text
    return (again, second.seconds) == (answer, first.seconds)


def faults(folder):
    """A failure is put into a call on purpose, and the SDK's own error comes out."""
    trial = run_trial(lambda: pool(Fault("overloaded", agent="planner", attempts=9)))
    return type(trial.error).__name__ == "OverloadedError"


def a_graph_drawn_before(folder):
    """The system is drawn before it runs. (`flow` draws what ran.)"""
    return any("graph" in name.lower() for name in [*agents.__all__, *bench.__all__])


def a2a(folder):
    """An agent of another company is called by the protocol A2A."""
    return any("a2a" in name.lower() for name in [*agents.__all__, *bench.__all__])


FEATURES = {
    "routing": routing,
    "workers at once": workers_at_once,
    "a dead worker is named": a_dead_worker_is_named,
    "handing off": handing_off,
    "approval": approval,
    "resume": resume,
    "streaming": streaming,
    "memory": memory,
    "MCP tools": mcp_tools,
    "skills": skills,
    "a budget in dollars": budget,
    "a deadline": deadline,
    "traces": traces,
    "a model that plays": a_model_that_plays,
    "faults on purpose": faults,
    "a graph, drawn before": a_graph_drawn_before,
    "A2A": a2a,
}


def check_features():
    """Whether the package did each of them just now: `{"routing": True, …}`."""
    with tempfile.TemporaryDirectory() as name:
        return {feature: bool(does(Path(name))) for feature, does in FEATURES.items()}
