"""The checks of 14_failure_injection: a small system under hundreds of schedules, a shrinker, an
unsaid for route.
"""

import asyncio
import re
from dataclasses import dataclass

from anthropic import APIError
from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, Fault, ReplyError, ReplyTruncated, fake_client, route, text_of
from mas_helpers.agents import DeadlinePassed, NoAnswer
from mas_helpers.bench import Trial, random_faults, run_trial
from mas_helpers.bench.faults import KINDS
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

# 200 schedules and 300 routes: 3 s on a machine of its own, some times that on a busy one
SECONDS_OF_WORK = 20.0

QUESTION = "Was it worth it?"
TASKS = {"data": "How many came?", "summary": "What do they say?", "code": "Write total(rows)."}
SECONDS = {"data": 4.0, "summary": 2.0, "code": 3.0, "synthesizer": 5.0}
ERRORS = (NoAnswer, APIError, RuntimeError)
# the others are no message, which for a route is what an empty reply is
NO_MESSAGE = ("unknown_tool", "not_a_message", "half_a_body", "no_fields", "error_in_stream")
DRAWN = [kind for kind in KINDS if kind not in NO_MESSAGE]
BAD_DAY = dict.fromkeys(
    [kind for kind in DRAWN if kind not in ("malformed", "wrong_arguments")], 0.05
)
SCHEDULES = 200
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
    _expect_healthy(_play(small, []))
    number = 0
    for number, schedule in enumerate(_schedules(), 1):
        hits = []
        if not _why(_play(small, _noting(schedule, hits))):
            continue
        smallest = _smallest(hits, lambda some: bool(_why(_play(small, _of(some)))))
        problem, hint = _why(_play(small, _of(smallest)))
        case = f"schedule {number} of {SCHEDULES} broke it; at its smallest, {_words(smallest)}"
        raise Failed(case, Line(problem), Line(GOOD), hint)
    return f"{number} schedules, and the invariant holds in each"


def _expect_healthy(played):
    """What must come of the small system where nothing fails."""
    if played.trial.error:
        raise played.trial.error
    calls = played.trial.trace.calls
    hint = "Each worker once, with its task as it is; then the synthesizer."
    sent = sorted((call.agent, call.prompt) for call in calls if call.agent != "synthesizer")
    expect("no fault: what the workers were sent", sent, sorted(TASKS.items()), hint)
    hint = "All workers at once: fan_out, with coroutines that nobody has awaited yet."
    began = {call.agent: call.start for call in calls if call.agent != "synthesizer"}
    expect(
        "no fault: the second at which each worker began", began, dict.fromkeys(began, 0.0), hint
    )
    reads = [call.prompt for call in calls if call.agent == "synthesizer"]
    hint = "It is asked once, when all workers are done."
    expect("no fault: calls of the synthesizer", len(reads), 1, hint)
    hint = "The question and every answer belong in its prompt: synthesis_prompt(question, parts)."
    must = [QUESTION, *map(_done, TASKS.values())]
    found = [text for text in must if text in reads[0]]
    expect("no fault: found in the synthesizer's prompt", found, must, hint)
    back = played.trial.result
    back = tuple(back) if isinstance(back, list) else back
    hint = "A pair: the text, and a list of names."
    expect("no fault: what came back", back, ("All of it.", []), hint)
    case = "no fault: seconds (workers 4, 2 and 3, synthesis 5)"
    expect(case, played.seconds, 9.0, "Nothing else waits.")


def _schedules():
    """What can fail, in order: one thing, several things, and a bad day drawn by chance."""
    hangs_once = [Fault("timeout", agent=name, attempts=1) for name in ("summary", "synthesizer")]
    picked = [[Fault(kind, agent=agent)] for kind in BAD_DAY for agent in SECONDS]
    picked += [[Fault("refused", agent=agent) for agent in TASKS]]
    picked += [[Fault("reset", between=(0.0, 5.0))]]
    picked += [hangs_once]  # 38 s, and every answer comes
    return picked + [random_faults(seed, **BAD_DAY) for seed in range(SCHEDULES - len(picked))]


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

        got = call_plain(shrunk, handed_over, counted)
        expect(
            f"{case}: the list that you were given",
            _names(handed_over, names),
            _names(faults, names),
            "Work on a copy.",
        )
        got = list(got) if isinstance(got, list | tuple) else got
        if not isinstance(got, list) or not all(
            isinstance(one, Fault) and one in names for one in got
        ):
            hint = "Return a list of Faults."
            raise Failed(f"{case}: what came back", got, Line("a list of the faults"), hint)
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
    hint = "The same fault may be in the list twice. Leave it out by its place, not by its value."
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


@dataclass
class Played:
    """One run of the small system: the trial, the second at which it ended, and how many tasks
    were still going on a moment later.
    """

    trial: Trial
    seconds: float = 0.0
    going_on: int = 0


def _play(small, faults):
    def model(body):
        name = body["system"]
        text = "All of it." if name == "synthesizer" else _done(body["messages"][0]["content"])
        return {"content": [{"type": "text", "text": text}], "seconds": SECONDS[name]}

    client = fake_client(model, faults=faults, timeout=15.0)
    cast = {name: Agent(name, HAIKU, name, client=client) for name in SECONDS}
    workers = {name: cast[name] for name in TASKS}
    ended = []

    async def within_reason():
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(500):
                return await call_async(small, QUESTION, dict(TASKS), workers, cast["synthesizer"])
        finally:
            seconds = round(loop.time() - began, 6)
            await asyncio.sleep(0.001)  # a cancelled task ends when the loop comes round to it
            others = asyncio.all_tasks() - {asyncio.current_task()}
            ended.extend([seconds, len(others)])

    trial = run_trial(within_reason)
    if isinstance(trial.error, Failed):
        raise trial.error
    return Played(trial, *ended)


def _why(played):
    """Why a run is not one of the ends it may have, and a hint; or None."""
    if played.seconds > 40:
        return (
            f"it took {played.seconds:g} s, and it has 40",
            "with_deadline(…, 40.0) around the whole.",
        )
    why = _why_error(played) if played.trial.error else _why_result(played.trial)
    if why is None and played.going_on:
        return (
            f"it ended after {played.seconds:g} s, and calls still go on: {played.going_on}",
            "A task that you made goes on until you cancel it. fan_out cancels its own.",
        )
    return why


def _why_error(played):
    error, name = played.trial.error, type(played.trial.error).__name__
    if not isinstance(error, ERRORS) or not str(error).strip():
        return (
            f"it ended in {name}: {str(error).strip() or 'without a word'}",
            "A bare TimeoutError and an ExceptionGroup name no cause. "
            "with_deadline and run_subtask(…) do.",
        )
    if isinstance(error, RuntimeError) and not REASON.search(str(error)):
        return (
            f"it ended in {name}: {error}",
            "Its text names no worker and no reason. "
            "part.missing is the reason; AllWorkersFailed(parts) says them all.",
        )
    if isinstance(error, DeadlinePassed):
        if played.seconds == 40:
            return None
        return (
            f"it ended in {name} after {played.seconds:g} s, and it has 40",
            "The whole has 40 s, workers and synthesizer together: with_deadline(…, 40.0).",
        )
    answered, reads = _answered(played.trial), _reads(played.trial)
    if answered and not reads:
        return (
            f"{answered[0]} had answered, and it ended in {name}",
            "A worker that fails leaves a gap, and the others go on: "
            "run_subtask(…) makes a SubtaskResult of a failure.",
        )
    return None


def _why_result(trial):
    back, reads = trial.result, _reads(trial)
    is_pair = isinstance(back, tuple | list) and len(back) == 2 and isinstance(back[1], list)
    if not is_pair:
        return f"it returned {back!r}", "A pair: the text, and a list of names."
    text, missing = back
    if text != "All of it.":
        return (
            f"its text is {text!r}, which is not the synthesizer's",
            "What goes wrong in the synthesizer is an error.",
        )
    prompt = reads[-1] if reads else ""
    for name, task in TASKS.items():
        there = _done(task) in prompt
        if not there and name in _answered(trial):
            return (
                f"{name} had answered, and the synthesizer did not get that",
                "Every answer that came goes into the prompt, whatever became of the others.",
            )
        if not there and name not in missing:
            return (
                f"the answer of {name} is not there, and the list is {missing}",
                "The names of the workers whose part is missing go into the list.",
            )
        if there and name in missing:
            return (
                f"the answer of {name} is there, and the list is {missing}",
                "Only a worker whose answer the synthesizer did not get is missing.",
            )
    if QUESTION not in prompt:
        return (
            "the question is not in the synthesizer's prompt",
            "It reads the question each time: synthesis_prompt(question, parts).",
        )
    if set(missing) >= set(TASKS):
        return (
            "nobody had an answer, and it gave one",
            "There is nothing to put together: raise, before the synthesizer is paid.",
        )
    if not all(name in TASKS and missing.count(name) == 1 for name in missing):
        return f"the list is {missing}", f"Names of workers, each once: {', '.join(TASKS)}."
    return None


def _answered(trial):
    """The workers whose answer came whole."""
    return [
        call.agent
        for call in trial.trace.calls
        if call.agent in TASKS and not call.error and call.answer == _done(call.prompt)
    ]


def _reads(trial):
    return [call.prompt for call in trial.trace.calls if call.agent == "synthesizer"]


def _done(task):
    return f"Done: {task}"


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
    """Hits out of which none can be left out; whole calls where that breaks too: they are easier to
    say.
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
        got = call_plain(unsaid_routed, routed)
        if not isinstance(got, list | tuple) or not all(
            isinstance(problem, str) and problem.strip() for problem in got
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
