"""The checks of 07_orchestrator: when a missing part is an error, who is asked again and when."""

import gc
import re
import warnings

from anthropic import AnthropicError

from mas_helpers import OPUS, SONNET, Agent, ReplyError, fake_client, run, trace
from mas_helpers.agents import Plan, Subtask
from mas_helpers.course.exercises import Failed, Line, call_async, expect

QUESTION = "Does the night bus pay?"

TASKS = {
    "data": "How many rode in May?",
    "summary": "What do riders say?",
    "code": "Write total(rows).",
}

REFUSED = {"stop_reason": "refusal"}


def check_orchestrate_or_raise(orchestrate_or_raise):
    """Who is called, in how many seconds, and what propagates when a part is missing."""
    got, asked, seconds = _orchestrated(orchestrate_or_raise, {"data"})
    everybody = ["planner", "data", "summary", "code", "synthesizer"]
    hint = "The planner, each worker of the plan, then the synthesizer, each once."
    expect("nothing fails: who was called", _names(asked), everybody, hint)
    hint = "The workers go into fan_out as coroutines, without `await`: all at once."
    expect("nothing fails: seconds (plan 2, workers 3, 5 and 4, synthesis 6)", seconds, 13.0, hint)
    _is_result("nothing fails", got)
    expect("nothing fails: the text", got.text, "from synthesizer", "The synthesizer's text.")

    got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, refuse=["summary"])
    case = "summary refuses, data is critical"
    hint = "Only a missing part of a critical kind is an error."
    expect(f"{case}: who was called", _names(asked), everybody, hint)
    _is_result(case, got)
    expect(
        f"{case}: .missing of the result",
        got.missing,
        [TASKS["summary"]],
        "All the parts go into OrchestrationResult.",
    )
    passed_on = [
        "Missing: " in asked[-1][1],
        TASKS["summary"] in asked[-1][1],
        "from data" in asked[-1][1],
    ]
    hint = "synthesis_prompt(question, parts), with all the parts."
    expect(
        f"{case}: the synthesizer reads the gap, its task, the other results",
        passed_on,
        [True] * 3,
        hint,
    )

    for refuse, critical in [(["data"], {"data"}), (["summary", "code"], {"data", "code"})]:
        case = f"{' and '.join(refuse)} refuse, critical: {', '.join(sorted(critical))}"
        got, asked, _ = _orchestrated(orchestrate_or_raise, critical, refuse=refuse, any_error=True)
        hint = "Look at the parts before the synthesizer is asked: its call is paid."
        expect(f"{case}: was the synthesizer called", "synthesizer" in _names(asked), False, hint)
        hint = "raise RuntimeError(…) when a part of a critical kind has a `.missing`."
        _is_runtime_error(case, got, hint)
        kind = next(kind for kind in refuse if kind in critical)
        expect(
            f"{case}: the error names {kind!r}",
            kind in str(got),
            True,
            "Say which kind is missing.",
        )

    case = "data is asked twice"
    two = [_plan("data", "data", "summary")]
    # jobs under one name: the lost one would be taken for a forgotten `await`
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, plans=two)
        gc.collect()
    hint = "Each subtask is a job and a part of its own: the kind is no name for it."
    expect(
        f"{case}: who was called",
        _names(asked),
        ["planner", "data", "data", "summary", "synthesizer"],
        hint,
    )
    _is_result(case, got)
    expect(
        f"{case}: the answers",
        [part.answer for part in got.parts],
        ["from data", "from data", "from summary"],
        hint,
    )
    for which, task in [("first", TASKS["data"]), ("second", f"{TASKS['data']} Again.")]:
        got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, refuse=[task], plans=two)
        hint = (
            "One missing part of a critical kind is enough, "
            "whatever the other part of that kind says."
        )
        _is_runtime_error(f"{case}, the {which} time it refuses", got, hint)

    case = "code is critical and not in the plan"
    got, asked, _ = _orchestrated(orchestrate_or_raise, {"code"}, plans=[_plan("data", "summary")])
    hint = (
        "No part of that kind is missing, so it is no error. "
        "Go through the parts, not through `critical`."
    )
    _is_result(case, got, hint)
    expect(
        f"{case}: who was called",
        _names(asked),
        ["planner", "data", "summary", "synthesizer"],
        hint,
    )

    got, asked, _ = _orchestrated(orchestrate_or_raise, set(), refuse=list(TASKS))
    hint = (
        "With no result at all there is nothing to put together: "
        "raise AllWorkersFailed(parts), as orchestrate does."
    )
    expect(
        "all refuse, nothing is critical: what it raised",
        type(got).__name__,
        "AllWorkersFailed",
        hint,
    )
    expect(
        "all refuse, nothing is critical: was the synthesizer called",
        "synthesizer" in _names(asked),
        False,
        hint,
    )

    got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, plans=[_plan("data")] * 3)
    hint = "make_plan(…) checks the plan and asks twice at most; its InvalidPlan propagates."
    expect("the plan is bad twice: what it raised", type(got).__name__, "InvalidPlan", hint)
    expect("the plan is bad twice: who was called", _names(asked), ["planner", "planner"], hint)
    got, asked, _ = _orchestrated(
        orchestrate_or_raise, {"data"}, plans=[_plan("data"), _plan(*TASKS)]
    )
    expect("the plan is bad once: who was called", _names(asked), ["planner", *everybody], hint)

    def many(count):
        tasks = [f"Write part {number}." for number in range(count)]
        subtasks = [Subtask(kind="code", task=task, needs=[]) for task in tasks]
        return Plan(subtasks=subtasks).model_dump_json()

    got, asked, seconds = _orchestrated(orchestrate_or_raise, {"data"}, plans=[many(4)])
    hint = "All at once, however many: the number of kinds is no limit."
    expect("four subtasks of one kind: seconds (plan 2, work 4, synthesis 6)", seconds, 12.0, hint)
    got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, plans=[many(5), many(5)])
    hint = "At most 4 subtasks, as make_plan and orchestrate have it without being told."
    expect("five subtasks, twice: who was called", _names(asked), ["planner", "planner"], hint)

    got, asked, _ = _orchestrated(orchestrate_or_raise, {"data"}, refuse=["synthesizer"])
    hint = "Without a synthesis there is no answer, not even an empty one: let the error propagate."
    if not isinstance(got, Exception):
        yours = Line(f"{type(got).__name__} with the text {getattr(got, 'text', '')!r}")
        raise Failed("the synthesizer refuses: what it raised", yours, Line("an error"), hint)
    return "a missing critical part is an error before the synthesis; another one is named"


def check_parts_with_retry(parts_with_retry):
    """One more call for each worker that failed, begun when it failed, and the parts in the plan's
    order.
    """
    plan = Plan.model_validate_json(_plan(*TASKS))

    parts, asked, seconds = _carried_out(parts_with_retry, plan, {})
    _no_error("nobody fails", parts, "Nothing went wrong in the workers: look at your own code.")
    expect(
        "nobody fails: who was called",
        _names(asked),
        list(TASKS),
        "Once each: nothing is to be fixed.",
    )
    expect("nobody fails: seconds (workers 3, 5 and 4)", seconds, 5.0, "All at once: fan_out.")
    _are_parts("nobody fails", parts, plan, ["from data", "from summary", "from code"])

    parts, asked, seconds = _carried_out(parts_with_retry, plan, {"code": 1})
    case = "code fails once, after 1 s"
    hint = "For a part with a `.missing`, call `run_subtask(…)` once more, and for no other."
    expect(f"{case}: calls for each", _counted(asked), {"data": 1, "summary": 1, "code": 2}, hint)
    hint = "The second attempt belongs in the same job as the first: it waits for nobody."
    expect(f"{case}: seconds (1 + 4 for code, 5 for summary)", seconds, 5.0, hint)
    _are_parts(case, parts, plan, ["from data", "from summary", "from code"])
    sent = [prompt for name, prompt in asked if name == "code"]
    expect(f"{case}: what it was sent", sent, [TASKS["code"]] * 2, "The same task both times.")

    parts, asked, seconds = _carried_out(parts_with_retry, plan, {"data": 9, "summary": 1})
    case = "data fails every time, summary once"
    _no_error(
        case,
        parts,
        "What fails twice is a SubtaskResult that says so: run_subtask(…), also the second time.",
    )
    hint = "Once more and no further: a loop has no end here."
    expect(f"{case}: calls for each", _counted(asked), {"data": 2, "summary": 2, "code": 1}, hint)
    expect(
        f"{case}: seconds",
        seconds,
        6.0,
        "Each job tries again by itself, as soon as it has failed.",
    )
    _are_parts(case, parts, plan, ["", "from summary", "from code"])
    reason = re.findall(r"attempt \d", parts[0].missing)[-1:]
    expect(
        f"{case}: why data is missing",
        reason,
        ["attempt 2"],
        "Keep the second part, not the first.",
    )

    two = Plan.model_validate_json(_plan("data", "data"))
    # jobs under one name: the lost one would be taken for a forgotten `await`
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts, asked, _ = _carried_out(parts_with_retry, two, {})
        gc.collect()
    case = "two subtasks of one kind"
    expect(
        f"{case}: calls", len(asked), 2, "The jobs need names of their own: the kind is not unique."
    )
    _are_parts(case, parts, two, ["from data", "from data"])

    five = Plan(subtasks=[Subtask(kind="code", task=f"Write {n}.", needs=[]) for n in range(5)])
    parts, asked, seconds = _carried_out(parts_with_retry, five, {})
    hint = "All at once, however many: the number of kinds is no limit."
    expect("five subtasks of one kind: seconds", seconds, 4.0, hint)
    _are_parts("five subtasks of one kind", parts, five, ["from code"] * 5)
    return "only who failed is asked again, once, at once, and nothing is lost"


def check_two_rounds(two_rounds):
    """A second round is what `what_next` makes of the first, at once, and there is no third."""
    plan = Plan.model_validate_json(_plan(*TASKS))
    first = ["from data", "from summary", "from code"]

    def nothing(parts):
        return []

    case = "nothing more to do"
    parts, asked, seconds = _carried_out(two_rounds, plan, {}, nothing)
    hint = "Each subtask of the plan once; what_next gave an empty list."
    expect(f"{case}: who was called", sorted(_names(asked)), sorted(TASKS), hint)
    expect(f"{case}: seconds (workers 3, 5 and 4)", seconds, 5.0, "All at once: fan_out.")
    _are_parts(case, parts, plan, first)

    case = "two more: the lawyer and data"
    once = "Call what_next once, when the first round is over. There is no third round."
    more = [Subtask(kind=k, task=f"{k} again", needs=[]) for k in ("lawyer", "data")]
    seen = []

    def further(parts):
        seen.append([_line(part) for part in parts])
        if len(seen) > 1:
            raise Failed(f"{case}: how often what_next was called", len(seen), 1, once)
        return list(more)

    parts, asked, seconds = _carried_out(two_rounds, plan, {}, further)
    _no_error(case, parts, "Give what_next the list of SubtaskResults.")
    expect(f"{case}: how often what_next was called", len(seen), 1, once)
    given = "It gets all the parts of the first round, as SubtaskResults, in the plan's order."
    lines = [f"SubtaskResult {answer}" for answer in first]
    expect(f"{case}: what it was given", seen[0], lines, given)
    hint = "5 s for the first round, 3 s for the second, which runs at once too."
    expect(f"{case}: seconds", seconds, 8.0, hint)
    kept = [subtask.kind for subtask in plan.subtasks]
    expect(f"{case}: the plan afterwards", kept, list(TASKS), "Don't add to plan.subtasks.")
    whole = Plan(subtasks=[*plan.subtasks, *more])
    order = "All the parts: first the plan's in its order, then the further ones in theirs."
    _are_parts(case, parts, whole, [*first, "from lawyer", "from data"], order)

    case = "the summary failed, and is asked for again in other words"
    again = [Subtask(kind="summary", task="In short: what do riders say?", needs=[])]

    def what_is_missing(parts):
        lines = [_line(part) for part in parts]
        expected = ["SubtaskResult from data", "SubtaskResult missing", "SubtaskResult from code"]
        expect(f"{case}: what what_next was given", lines, expected, given)
        return again if any(part.missing for part in parts) else []

    parts, asked, _ = _carried_out(two_rounds, plan, {"summary": 1}, what_is_missing)
    _no_error(case, parts, "run_subtask makes a missing part of a failure.")
    whole = Plan(subtasks=[*plan.subtasks, *again])
    _are_parts(case, parts, whole, ["from data", "", "from code", "from summary"])
    case = "the summary fails in both rounds"
    parts, asked, _ = _carried_out(two_rounds, plan, {"summary": 9}, what_is_missing)
    _no_error(case, parts, "A failure is a missing part in the second round too: run_subtask.")
    hint = "Once in each round, and no further: what_next isn't asked a second time."
    expect(f"{case}: calls for summary", _names(asked).count("summary"), 2, hint)
    _are_parts(case, parts, whole, ["from data", "", "from code", ""])
    expect(f"{case}: is what_next's list as it was", len(again), 1, "Make a new list of parts.")
    return "one more round where the first calls for it, at once, and every part is there"


def _plan(*kinds):
    subtasks = [
        Subtask(kind=k, task=TASKS[k] + " Again." * kinds[:i].count(k), needs=[])
        for i, k in enumerate(kinds)
    ]
    return Plan(subtasks=subtasks).model_dump_json()


def _text(words, seconds):
    return {"content": [{"type": "text", "text": words}], "seconds": seconds}


def _names(asked):
    return [name for name, _ in asked]


def _counted(asked):
    return {kind: _names(asked).count(kind) for kind in TASKS}


SECONDS = {
    "planner": 2.0,
    "lawyer": 2.0,
    "data": 3.0,
    "summary": 5.0,
    "code": 4.0,
    "synthesizer": 6.0,
}


def _orchestrated(function, critical, refuse=(), plans=None, any_error=False):
    """What the learner's function returned or raised, the calls as (agent, prompt), and the virtual
    seconds.

    `refuse` holds names of agents, and tasks.
    """
    asked, left = [], list(plans or [_plan(*TASKS)])

    def answer(body):
        name = body["system"]
        asked.append((name, body["messages"][-1]["content"]))
        if len(asked) > 20 or (name == "planner" and not left):
            raise AssertionError("it went on asking")
        if name in refuse or asked[-1][1] in refuse:
            return REFUSED
        return _text(left.pop(0) if name == "planner" else f"from {name}", SECONDS[name])

    client = fake_client(answer, max_retries=0)
    cast = {
        n: Agent(n, OPUS if n in ("planner", "synthesizer") else SONNET, n, client=client)
        for n in ["planner", *TASKS, "synthesizer"]
    }
    crew = {kind: cast[kind] for kind in TASKS}
    given = (QUESTION, cast["planner"], crew, cast["synthesizer"], critical)
    return _ran(call_async(function, *given), asked, any_error)


def _carried_out(function, plan, failures, *more):
    """The same for a plan and workers of whom some fail so many times, after a second."""
    asked, left = [], dict(failures)

    def answer(body):
        kind = body["system"]
        asked.append((kind, body["messages"][-1]["content"]))
        if len(asked) > 20:
            raise AssertionError("it went on asking")
        if left.get(kind, 0):
            left[kind] -= 1
            message = f"attempt {_names(asked).count(kind)}"
            return {
                "status": 400,
                "error": {"type": "invalid_request_error", "message": message},
                "seconds": 1.0,
            }
        return _text(f"from {kind}", SECONDS[kind])

    client = fake_client(answer, max_retries=0)
    crew = {kind: Agent(kind, SONNET, kind, client=client) for kind in [*TASKS, "lawyer"]}
    return _ran(call_async(function, plan, crew, *more), asked)


def _ran(coroutine, asked, any_error=False):
    with trace() as t:
        try:
            got = run(coroutine, clock="virtual")
        except (ReplyError, AnthropicError, RuntimeError) as error:
            got = error
        except ExceptionGroup as group:
            got = group.exceptions[0]
        except Exception as error:
            names = ("InvalidPlan", "AllWorkersFailed", "SynthesisFailed")
            if isinstance(error, Failed) or not (any_error or type(error).__name__ in names):
                raise
            got = error
    return got, asked, t.seconds


def _is_runtime_error(case, got, hint):
    if not isinstance(got, RuntimeError):
        said = f": {got}" if isinstance(got, Exception) else ""
        yours = Line(f"{type(got).__name__}{said}")
        raise Failed(f"{case}: what it raised", yours, Line("RuntimeError"), hint)


def _is_result(case, got, hint="Return OrchestrationResult(text, parts)."):
    if isinstance(got, Exception):
        raise Failed(
            f"{case}: what it raised",
            Line(f"{type(got).__name__}: {got}"),
            Line("an OrchestrationResult"),
            hint,
        )
    expect(f"{case}: what came back", type(got).__name__, "OrchestrationResult", hint)


def _line(part):
    """A part in few words: `"SubtaskResult from data"`."""
    what = "missing" if getattr(part, "missing", "") else getattr(part, "answer", part)
    return f"{type(part).__name__} {what}"


IN_ORDER = "A list of SubtaskResults, one for each subtask, in the plan's order."


def _are_parts(case, parts, plan, answers, hint=IN_ORDER):
    _no_error(case, parts, hint)
    if not isinstance(parts, list):
        raise Failed(f"{case}: what came back", Line(type(parts).__name__), Line("list"), hint)
    kinds = {type(part).__name__ for part in parts}
    expect(
        f"{case}: what the list holds",
        kinds,
        {"SubtaskResult"},
        "run_subtask(…) gives a SubtaskResult.",
    )
    expect(
        f"{case}: whose parts",
        [p.subtask.task for p in parts],
        [s.task for s in plan.subtasks],
        hint,
    )
    expect(f"{case}: the answers", [part.answer for part in parts], answers, hint)


def _no_error(case, parts, hint):
    if isinstance(parts, Exception):
        raise Failed(
            f"{case}: what it raised",
            Line(f"{type(parts).__name__}: {parts}"),
            Line("a list of SubtaskResults"),
            hint,
        )
