"""The checks of 14_failure_injection: a small system under hundreds of schedules, a shrinker, an
unsaid for route.
"""

import asyncio
import re
from dataclasses import dataclass

from anthropic import APIError
from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, Fault, ReplyError, ReplyTruncated, fake_client, route, text_of
from mas_helpers.agents import AllWorkersFailed, DeadlinePassed, SynthesisFailed
from mas_helpers.bench import random_faults, run_trial
from mas_helpers.bench.faults import KINDS
from mas_helpers.course.exercises import Failed, Line, expect, expect_async

QUESTION = "Was it worth it?"
TASKS = {"data": "How many came?", "summary": "What do they say?", "code": "Write total(rows)."}
SECONDS = {"data": 4.0, "summary": 2.0, "code": 3.0, "synthesizer": 5.0}
ERRORS = (ReplyError, APIError, RuntimeError, AllWorkersFailed, SynthesisFailed, DeadlinePassed)
# the others are no message, which for a route is what an empty reply is
NO_MESSAGE = ("unknown_tool", "not_a_message", "half_a_body", "no_fields", "error_in_stream")
DRAWN = [kind for kind in KINDS if kind not in NO_MESSAGE]
BAD_DAY = dict.fromkeys(
    [kind for kind in DRAWN if kind not in ("malformed", "wrong_arguments")], 0.05
)
SCHEDULES = 300
GOOD = (
    "within 40 s: an answer that is complete, "
    "one that names what is missing, or an error that names its cause"
)
REASON = re.compile(
    "|".join(
        [
            *SECONDS,
            *map(re.escape, TASKS.values()),
            r"[A-Z]\w+Error|Connection error|Error code|timed out",
        ]
    )
)


def check_small(small):
    """First without a fault, then each kind of fault on each agent, then seeds; what breaks it is
    shrunk and shown.
    """
    expect_async(small)
    trial = _small(small, [])
    if trial.error:
        raise trial.error
    hint = "Each worker once with its task, as it stands there; then the synthesizer."
    sent = sorted(
        (call.agent, call.prompt) for call in trial.trace.calls if call.agent != "synthesizer"
    )
    expect("no fault: what the workers were sent", sent, sorted(TASKS.items()), hint)
    reads = [call.prompt for call in trial.trace.calls if call.agent == "synthesizer"]
    expect(
        "no fault: calls of the synthesizer",
        len(reads),
        1,
        "It is asked once, when all workers are done.",
    )
    passed_on = [text for text in [QUESTION, *map(_done, TASKS.values())] if text in reads[0]]
    hint = "The question and every answer stand in its prompt: synthesis_prompt(question, parts)."
    expect(
        "no fault: found in the synthesizer's prompt",
        passed_on,
        [QUESTION, *map(_done, TASKS.values())],
        hint,
    )
    expect(
        "no fault: what came back",
        trial.result,
        ("All of it.", []),
        "A pair: the text, and a list of names.",
    )
    hint = "All workers at once: fan_out, with coroutines that nobody has awaited yet."
    expect("no fault: seconds (workers 4, 2 and 3, synthesis 5)", trial.trace.seconds, 9.0, hint)

    single = [[Fault(kind, agent=agent)] for kind in BAD_DAY for agent in SECONDS]
    single += [
        [Fault("refused", agent=agent) for agent in TASKS],
        [Fault("reset", between=(0.0, 5.0))],
    ]
    drawn_ones = [random_faults(seed, **BAD_DAY) for seed in range(SCHEDULES - len(single))]
    for number, schedule in enumerate(single + drawn_ones, 1):
        hits = []
        if not _why(_small(small, _noting(schedule, hits))):
            continue
        smallest = _smallest(hits, lambda some: bool(_why(_small(small, _of(some)))))
        problem, hint = _why(_small(small, _of(smallest)))[0]
        raise Failed(
            f"schedule {number} of {SCHEDULES} broke it; at its smallest, {_words(smallest)}",
            *_pair(problem),
            hint,
        )
    return f"{SCHEDULES} schedules, and the invariant holds in each"


def check_shrunk(shrunk):
    """Lists out of which nothing can be left out, found in few runs, also where one fault hides
    another.
    """
    a, b, c, *rest = [Fault("overloaded", agent="data", call=number) for number in range(1, 11)]
    names = dict(zip((a, b, c, *rest), "abcdefghij", strict=True))

    def ask(case, faults, breaks, hint):
        handed_over, runs = list(faults), []

        def counted(some):
            runs.append(1)
            if len(runs) > 100:
                hint = (
                    "Try to leave out one fault at a time, and go on with what is left. "
                    "Not every subset."
                )
                raise Failed(f"{case}: runs", "more than 100", "no more than 100", hint)
            return breaks(list(some))

        got = shrunk(handed_over, counted)
        expect(
            f"{case}: the list that you were given",
            _names(handed_over, names),
            _names(faults, names),
            "Work on a copy.",
        )
        got = list(got) if isinstance(got, list | tuple) else got
        if not isinstance(got, list) or any(one not in names for one in got):
            raise Failed(
                f"{case}: what came back",
                got,
                Line("a list of the faults"),
                "Return a list of Faults.",
            )
        it = iter(faults)
        if not all(any(one == other for other in it) for one in got):
            order = Line(f"some of {_names(faults, names)}, in this order")
            raise Failed(
                f"{case}: what came back", _names(got, names), order, "Keep the order of the list."
            )
        kept = (
            "Keep a fault that it does not break without. "
            "Leave out of the list that is left, not of the whole one."
        )
        expect(f"{case}: {_names(got, names)} breaks", bool(breaks(got)), True, kept)
        spare = next((n for n in range(len(got)) if breaks(got[:n] + got[n + 1 :])), None)
        if spare is not None:
            fewer = _names(got[:spare] + got[spare + 1 :], names)
            left = Line(f"{_names(got, names)}, and {fewer} breaks too")
            raise Failed(f"{case}: what is left", left, Line("nothing more can be left out"), hint)

    hint = "Go through the places: faults[:n] + faults[n + 1:] is the list without one."
    ask("a alone breaks, of a b c", [a, b, c], lambda s: a in s, hint)
    ask("c alone breaks, of a b c", [a, b, c], lambda s: c in s, hint)
    ask("a and c break, of a b c", [a, b, c], lambda s: a in s and c in s, hint)
    ask("all of a b c are needed", [a, b, c], lambda s: len(s) == 3, hint)
    ask("a or b breaks, of a b c", [a, b, c], lambda s: a in s or b in s, hint)
    last = rest[-1]
    ask("b and j break, of ten", [a, b, c, *rest], lambda s: b in s and last in s, hint)
    ask("all ten are needed", [a, b, c, *rest], lambda s: len(s) == 10, hint)
    hint = "It breaks without any fault, so all can go: the answer is []."
    ask("it breaks whatever fails", [a, b], lambda s: True, hint)
    hint = (
        "After each fault that you leave out, try the ones that you kept again: "
        "they may not be needed any more."
    )
    ask(
        "b breaks, c hides it, a undoes c; of a b c",
        [a, b, c],
        lambda s: b in s and (c not in s or a in s),
        hint,
    )
    hint = "The same fault may stand there twice. Leave it out by its place, not by its value."
    ask("a breaks, of a a b", [a, a, b], lambda s: a in s, hint)
    return "nothing more can be left out, and it took few runs"


def check_unsaid_routed(unsaid_routed):
    """Silent on what the true route gives, and on what a wrong one gets right; it speaks where
    something is silent.
    """
    looked = []
    variants = {"the true route": route} | {bug: _buggy(bug) for bug in BUGS}
    for name, system in variants.items():
        for seed in range(100 if system is route else 40):
            hits, wrong = [], _verdict(unsaid_routed)
            trial = _routed(
                system, _noting(random_faults(seed, **dict.fromkeys(DRAWN, 0.06)), hits)
            )
            if trial.error or not wrong(trial.result):
                continue
            smallest = _smallest(
                hits, lambda some, to=system, no=wrong: _differs(no, _routed(to, _of(some)))
            )
            result = _routed(system, _of(smallest)).result
            hint = (
                "A gap that `fallback_reason` names is none."
                if name == "the true route"
                else BUGS[name]
            )
            yours, expected = wrong(result)
            case = f"{name}; at its smallest, {_words(smallest)}\n  {result}"
            raise Failed(case, Line(yours), Line(expected), hint)
        looked.append(name)
    return f"silent on the true route, and it saw {len(looked) - 1} planted bugs"


# ---- the small system


def _small(small, faults):
    def model(body):
        name = body["system"]
        text = "All of it." if name == "synthesizer" else _done(body["messages"][0]["content"])
        return {"content": [{"type": "text", "text": text}], "seconds": SECONDS[name]}

    client = fake_client(model, faults=faults, timeout=15.0)
    cast = {name: Agent(name, HAIKU, name, client=client) for name in SECONDS}

    async def within_reason():
        async with asyncio.timeout(500):
            return await small(
                QUESTION, dict(TASKS), {name: cast[name] for name in TASKS}, cast["synthesizer"]
            )

    return run_trial(within_reason)


def _why(trial):
    """Why a run is not one of the ends it may have: `[(problem, hint)]`."""
    if trial.trace.seconds > 40 + 1e-6:
        return [
            (
                f"it took {trial.trace.seconds:g} s, and it has 40",
                "with_deadline(…, 40.0) around the whole.",
            )
        ]
    answered = [
        c.agent
        for c in trial.trace.calls
        if c.agent in TASKS and not c.error and c.answer == _done(c.prompt)
    ]
    reads = [call.prompt for call in trial.trace.calls if call.agent == "synthesizer"]
    if trial.error:
        if not isinstance(trial.error, ERRORS) or not str(trial.error).strip():
            hint = (
                "A bare TimeoutError and an ExceptionGroup name no cause. "
                "with_deadline and run_subtask(…) do."
            )
            return [
                (
                    (
                        f"it ended in {type(trial.error).__name__}: "
                        f"{str(trial.error) or 'without a word'}"
                    ),
                    hint,
                )
            ]
        if isinstance(trial.error, RuntimeError) and not REASON.search(str(trial.error)):
            hint = (
                "Its text names no worker and no reason. "
                "part.missing is the reason; AllWorkersFailed(parts) says them all."
            )
            return [(f"it ended in {type(trial.error).__name__}: {trial.error}", hint)]
        if answered and not reads and not isinstance(trial.error, DeadlinePassed):
            hint = (
                "A worker that fails leaves a gap; the others go on: "
                "run_subtask(…) makes a SubtaskResult of a failure."
            )
            return [
                (f"{answered[0]} had answered, and it ended in {type(trial.error).__name__}", hint)
            ]
        return []
    if not (
        isinstance(trial.result, tuple | list)
        and len(trial.result) == 2
        and isinstance(trial.result[1], list)
    ):
        return [(f"it returned {trial.result!r}", "A pair: the text, and a list of names.")]
    text, missing = trial.result
    if text != "All of it.":
        return [
            (
                f"its text is {text!r}, which is not the synthesizer's",
                "What goes wrong in the synthesizer is an error.",
            )
        ]
    for name, task in TASKS.items():
        there = bool(reads) and _done(task) in reads[-1]
        if not there and name not in missing:
            hint = "The names of the workers whose part is missing go into the list."
            return [(f"the answer of {name} is not there, and the list is {missing}", hint)]
        if there and name in missing:
            hint = "Only a worker whose answer the synthesizer did not get is missing."
            return [(f"the answer of {name} is there, and the list is {missing}", hint)]
    if set(missing) >= set(TASKS):
        return [
            (
                "nobody had an answer, and it gave one",
                "Nothing to put together: raise, before the synthesizer is paid.",
            )
        ]
    return (
        []
        if set(missing) <= set(TASKS)
        else [(f"the list is {missing}", f"Names of workers: {', '.join(TASKS)}.")]
    )


def _done(task):
    return f"Done: {task}"


def _pair(problem):
    return Line(problem), Line(GOOD)


# ---- schedules, and making them small


def _noting(schedule, hits):
    """The schedule; what it does is put into `hits` as (kind, agent, call, attempt)."""
    chosen = (
        schedule
        if callable(schedule)
        else lambda *at: next((one for one in schedule if one.hits(*at)), None)
    )

    def fault_of(agent, call, attempt, second):
        fault = chosen(agent, call, attempt, second)
        if fault is not None:
            hits.append((fault.kind, agent, call, attempt))
        return fault

    return fault_of


def _of(hits):
    """The schedule that does this and nothing else; an attempt of None is every attempt of the
    call.
    """
    at = {(agent, call, attempt): Fault(kind) for kind, agent, call, attempt in hits}
    return lambda agent, call, attempt, second: (
        at.get((agent, call, attempt)) or at.get((agent, call, None))
    )


def _smallest(hits, breaks):
    """Hits out of which none can be left out; whole calls where that breaks too, for they are said
    more easily.
    """
    calls = list(
        {(agent, call): (kind, agent, call, None) for kind, agent, call, _ in hits}.values()
    )
    hits = calls if breaks(calls) else list(hits)
    n = 0
    while n < len(hits):
        fewer = hits[:n] + hits[n + 1 :]
        hits, n = (fewer, 0) if breaks(fewer) else (hits, n + 1)
    return hits


def _words(hits):
    calls = [
        f"call {call} of {agent}{f', attempt {attempt}' if attempt else ''}: {kind}"
        for kind, agent, call, attempt in hits
    ]
    return "; ".join(calls) or "without any fault"


def _names(faults, names):
    return Line(" ".join(names[one] for one in faults) or "nothing")


# ---- routes with a bug

BUGS = {
    "the default answers, and `fallback_reason` is empty": (
        "Another agent than billing has answered: then `fallback_reason` must say so."
    ),
    "a specialist that failed gives an empty answer": (
        "The answer must be the whole text of the agent that is named."
    ),
    "a cut answer is taken for a whole one": (
        "The answer must be the whole text of the agent that is named."
    ),
    "billing is named, and the default has answered": (
        "The answer must be that of the agent that is named."
    ),
    "a default that failed gives half an answer or none": (
        "`fallback_reason` excuses who answered, not half an answer."
    ),
}


@dataclass
class Careless:
    """An agent that gives what there is, also where it failed."""

    agent: Agent

    @property
    def name(self):
        return self.agent.name

    async def run(self, prompt):
        try:
            return await self.agent.run(prompt)
        except ReplyTruncated as error:
            return text_of(error.reply)
        except (ReplyError, APIError):
            return ""


class Category(BaseModel):
    category: str


def _routed(system, faults):
    def model(body):
        name = body["system"]
        text = '{"category": "billing"}' if name == "router" else f"{name}: done"
        return {"content": [{"type": "text", "text": text}], "seconds": 1.0}

    client = fake_client(model, faults=faults, timeout=15.0)
    cast = {
        name: Agent(name, HAIKU, name, client=client)
        for name in ("router", "billing", "delivery", "general")
    }
    specialists = {name: cast[name] for name in ("billing", "delivery")}
    return run_trial(
        lambda: system(
            "Why is my bill so high?", cast["router"], Category, specialists, cast["general"]
        )
    )


def _buggy(bug):
    from dataclasses import replace

    from mas_helpers.agents import RouteResult

    async def routed(request, router, kind, specialists, default):
        try:
            last = Careless(default) if "default that failed" in bug else default
            result = await route(request, router, kind, specialists, last)
        except ReplyTruncated as error:
            if "cut" not in bug:
                raise
            return RouteResult("billing", error.agent, text_of(error.reply))
        except (ReplyError, APIError):
            if "empty answer" not in bug:
                raise
            return RouteResult("billing", "billing", "")
        if "`fallback_reason`" in bug:
            return replace(result, fallback_reason="")
        return replace(result, agent="billing", fallback_reason="") if "is named" in bug else result

    return routed


def _verdict(unsaid_routed):
    """What is wrong with a learner's verdict on a result: `(yours, expected)`, or None."""

    def wrong(routed):
        got = unsaid_routed(routed)
        if not isinstance(got, list | tuple) or not all(
            isinstance(problem, str) for problem in got
        ):
            raise Failed(
                f"for {routed}: what it returned",
                got,
                Line("a list of sentences"),
                "[] where all is said.",
            )
        silent = routed.answer != f"{routed.agent}: done" or (
            routed.agent != "billing" and not routed.fallback_reason
        )
        expected = (
            "a sentence that says what is silent here" if silent else "[]: nothing is silent here"
        )
        return (f"{list(got)}", expected) if bool(got) != silent else None

    return wrong


def _differs(wrong, trial):
    return trial.error is None and wrong(trial.result) is not None
