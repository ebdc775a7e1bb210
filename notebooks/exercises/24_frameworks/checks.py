"""The checks of 24_frameworks: a test that finds hidden gaps, a choice, an agent of theirs."""

import asyncio
import copy

from mas_helpers import HAIKU, fake_client, fan_out, run, trace
from mas_helpers.agents import NoAnswer, Subtask, run_subtask
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect


async def _collect(workers, on_failure):
    """Each worker's part, at once; `on_failure(name, error)` says what stands for a failed one."""

    async def part(name, work):
        try:
            return f"{name}: {await work(f'the task of {name}')}"
        except Exception as error:
            return on_failure(name, error)

    return [one for one in await asyncio.gather(*(part(*item) for item in workers.items())) if one]


async def _names(workers):
    return "\n".join(await _collect(workers, lambda name, error: f"missing: {name}"))


async def _raises(workers):
    return "\n".join(await asyncio.gather(*(work("a task") for work in workers.values())))


async def _raises_a_group(workers):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work("a task")) for work in workers.values()]
    return "\n".join(task.result() for task in tasks)


async def _asks_twice(workers):
    def again(work):
        async def twice(task):
            try:
                return await work(task)
            except Exception:
                await asyncio.sleep(1)
                return await work(task)

        return twice

    return await _names({name: again(work) for name, work in workers.items()})


async def _one_after_the_other(workers):
    parts = []
    for name, work in workers.items():
        try:
            parts.append(await work(f"the task of {name}"))
        except RuntimeError:
            parts.append(f"Sorry, one part is missing: {name}.")
    return " ".join(parts)


async def _raises_for_two(workers):
    answer = await _names(workers)
    if answer.count("missing") > 1:
        raise LookupError("too little came")
    return answer


async def _leaves_out(workers):
    return "\n".join(await _collect(workers, lambda name, error: ""))


async def _error_as_answer(workers):
    return "\n".join(await _collect(workers, lambda name, error: f"{name}: {error!r}"))


async def _blames_the_first(workers):
    first = next(iter(workers))
    return "\n".join(await _collect(workers, lambda name, error: f"missing: {first}"))


async def _forgets_the_last(workers):
    last = list(workers)[-1]

    def say(name, error):
        return "" if name == last else f"missing: {name}"

    return "\n".join(await _collect(workers, say))


async def _names_one_of_two(workers):
    lost = []

    def say(name, error):
        lost.append(name)
        return f"missing: {name}" if len(lost) == 1 else ""

    return "\n".join(await _collect(workers, say))


async def _gives_up_the_rest(workers):
    lost = []
    parts = await _collect(workers, lambda name, error: lost.append(name) or "")
    return "\n".join([f"missing: {name}" for name in lost] or parts)


async def _always_missing(workers):
    parts = await _collect(workers, lambda name, error: "")
    return "\n".join([*parts, *(f"missing: {name}" for name in workers)])


async def _always_raises(workers):
    await _collect(workers, lambda name, error: "")
    raise RuntimeError("no answer")


async def _asks_nobody(workers):
    return "All of it."


SOUND = {
    "one that names each gap": _names,
    "one that lets the error propagate": _raises,
    "one that raises a group of errors": _raises_a_group,
    "one that asks a failed worker again, and then names it": _asks_twice,
    "one that asks one after the other": _one_after_the_other,
    "one that names one gap, and raises for two": _raises_for_two,
}
HIDING = {
    "one that leaves the part out": (_leaves_out, "Its answer lacks a part, and says nothing."),
    "one that takes the error for the answer": (
        _error_as_answer,
        "An error's text among the parts isn't `missing: NAME`: the next agent reads it as a part.",
    ),
    "one that names the wrong worker": (
        _blames_the_first,
        "Fail each worker alone, also one that isn't the first: the name has to be its own.",
    ),
    "one that hides the last worker's failure": (
        _forgets_the_last,
        "Fail each of the three alone, not only one of them.",
    ),
    "one that names one of two": (
        _names_one_of_two,
        "Fail two at once as well: both have to be named.",
    ),
    "one that drops what the others found": (
        _gives_up_the_rest,
        "The texts of the workers that didn't fail have to be in the answer.",
    ),
    "one that always says that all are missing": (
        _always_missing,
        "Try it with nobody failing, too: then nothing may be missing.",
    ),
    "one that always raises": (
        _always_raises,
        "Try it with nobody failing, too: then an answer has to come.",
    ),
    "one that asks nobody": (_asks_nobody, "With nobody failing, every worker's text is in it."),
}


def check_names_gaps(names_gaps):
    """Sound systems pass the learner's test, and every hiding one fails it."""
    for what, system in SOUND.items():
        _judge(names_gaps, system, what, True, "It keeps both sentences: raising is allowed, too.")
    for what, (system, hint) in HIDING.items():
        _judge(names_gaps, system, what, False, hint)
    return f"{len(SOUND)} sound systems pass, {len(HIDING)} that aren't fail"


def _judge(names_gaps, system, what, expected, hint):
    raised = []

    async def watched(workers):
        try:
            return await system(workers)
        except Exception as error:
            raised.append(error)
            raise

    try:
        got = run(call_async(names_gaps, watched), clock="virtual")
    except Exception as error:
        if error not in raised:
            raise
        caught = "A system may raise: that's an outcome too, so catch it."
        raise Failed(f"{what}: what came back", error, Line("True or False"), caught) from None
    if not isinstance(got, bool):
        expect(f"{what}: what came back", got, Line("True or False"), "Return True or False.")
    expect(what, got, expected, hint)


ROWS = {
    "osprey": {"packages": 12, "megabytes": 20.5, "import": 0.4, "names_gap": True, "traces": True},
    "bittern": {"packages": 40, "megabytes": 60.0, "import": 1.9, "names_gap": False},
    "plover": {"packages": 40, "megabytes": None, "import": 0.0, "names_gap": None, "traces": True},
    "dunlin": {"packages": 211, "megabytes": 838.0, "import": 5.3, "names_gap": True},
    "teal": {"packages": 0, "megabytes": 1.5, "import": 0.1, "names_gap": True, "traces": False},
}


def check_choose(choose):
    """Every limit kept, every need True; what wasn't measured is no yes."""
    kept = "A row has to keep every limit; a value that equals its limit keeps it."
    unknown = "None means that nobody measured it, and so does a name that isn't there: no yes."
    cases = [
        ({"packages": 50}, [], ["osprey", "bittern", "plover", "teal"], kept),
        ({"packages": 40}, [], ["osprey", "bittern", "plover", "teal"], kept),
        ({"packages": 39}, [], ["osprey", "teal"], kept),
        ({"packages": 0}, [], ["teal"], "0 is a limit as any other, and 0 was measured."),
        ({"megabytes": 100}, [], ["osprey", "bittern", "teal"], unknown),
        ({"import": 0}, [], ["plover"], "0.0 was measured, and keeps the limit 0."),
        ({"seconds": 1}, [], [], unknown),
        ({"packages": 50, "import": 0.4}, [], ["osprey", "plover", "teal"], kept),
        ({}, ["names_gap"], ["osprey", "dunlin", "teal"], unknown),
        ({}, ["traces"], ["osprey", "plover"], unknown),
        ({"packages": 50}, ["names_gap", "traces"], ["osprey"], "Every need has to be True."),
        ({}, [], list(ROWS), "Without limits and needs, every row fits, in its order."),
        ({"packages": 1}, ["traces"], [], "Where nothing fits, an empty list."),
    ]
    for most, needs, expected, hint in cases:
        rows = copy.deepcopy(ROWS)
        got = call_plain(choose, rows, dict(most), list(needs))
        case = f"most={most}, needs={needs}"
        if not isinstance(got, list):
            expect(f"{case}: what came back", got, Line("a list of names"), "Return a list.")
        expect(case, got, expected, hint)
        expect(f"{case}: the rows afterwards", rows == ROWS, True, "Leave the rows as they were.")
    return f"{len(cases)} choices: every limit kept, every need met"


class BotError(Exception):
    """What the invented framework raises when the API fails."""


class Bot:
    """An agent of an invented framework: errors of the API are its own, a refusal is a field."""

    Error = BotError

    def __init__(self, client, field="input"):
        self.client, self.field, self.asked = client, field, []

    async def ainvoke(self, state):
        prompt = state[self.field]
        self.asked.append(prompt)
        message = {"role": "user", "content": prompt}
        try:
            reply = await self.client.messages.create(
                model=HAIKU, max_tokens=100, messages=[message]
            )
        except Exception as error:
            raise BotError(f"the API said no: {type(error).__name__}") from error
        if reply.stop_reason == "refusal":
            return {"output": "I'd rather not.", "error": "the model refused"}
        return {"output": "".join(b.text for b in reply.content if b.type == "text"), "error": None}


def check_adapt(adapt):
    """A bot of theirs as a worker: its text, its gaps as NoAnswer, its name in a trace."""
    said = 'Return what\'s under "output", as it is.'
    for text in ("Yes.", "  Two lines.\nAs they are."):
        agent, bot = _adapted(adapt, lambda body, text=text: text)
        expect(f"it says {text!r}", _run(agent, "Well?"), text, said)
        expect("what the bot was asked", bot.asked, ["Well?"], 'Ask it once: {"input": prompt}.')
    _expect_gap(
        adapt,
        lambda body: {"stop_reason": "refusal"},
        "the model refused",
        'Where "error" isn\'t None, its "output" is no answer.',
    )
    _expect_gap(
        adapt,
        lambda body: {"status": 400},
        "the API said no",
        "An error of theirs, `bot.Error`, is a failure: raise NoAnswer with its text.",
    )
    for blank in ("", "  \n"):
        _expect_gap(
            adapt,
            lambda body, blank=blank: {"content": [{"type": "text", "text": blank}]},
            "",
            "An empty output is no answer, and neither is one of spaces.",
        )
    _expect_bug(adapt)
    with trace() as seen:
        jobs = {name: _adapted(adapt, lambda body: "Yes.", name)[0].run("?") for name in ("a", "b")}
        run(fan_out(jobs), clock="virtual")
    hint = "Ask inside `with agent_span(name):`, and the call is counted as this agent's."
    expect("whose calls the trace shows", sorted(c.agent for c in seen.calls), ["a", "b"], hint)
    return "answers, gaps and bugs of another framework's agent come through, and a trace names it"


def _adapted(adapt, model, name="data", field="input"):
    bot = Bot(fake_client(model, thinking=False, max_retries=0), field)
    agent = call_plain(adapt, bot, name)
    if not callable(getattr(agent, "run", None)):
        expect("what adapt gives", agent, Line("an agent"), "Return an object with `run`.")
    hint = "Systems ask an agent for its name."
    expect("the agent's name", getattr(agent, "name", Line("none")), name, hint)
    return agent, bot


def _run(agent, prompt):
    return run(call_async(agent.run, prompt), clock="virtual")


def _expect_gap(adapt, model, reason, hint):
    agent, _ = _adapted(adapt, model)
    task = Subtask(kind="data", task="How many?", needs=[])
    try:
        part = run(run_subtask(task, agent), clock="virtual")
        expect("a failed bot among workers: its answer", part.answer, "", hint)
        got = _run(agent, "Well?")
    except NoAnswer as error:
        text = "The reason goes into `.missing`: give NoAnswer a text that says it."
        expect(f"the reason says {reason!r}", reason in str(error), True, text)
    except Failed:
        raise
    except Exception as error:
        raise Failed("what a failed bot raises", error, Line("NoAnswer"), hint) from None
    else:
        raise Failed("what a failed bot's run returns", got, Line("NoAnswer, raised"), hint)


def _expect_bug(adapt):
    hint = "Catch `bot.Error` alone: any other error is a bug, which its author should see."
    agent, _ = _adapted(adapt, lambda body: "Yes.", field="inpt")
    try:
        got = _run(agent, "Well?")
    except KeyError:
        return
    except Exception as error:
        raise Failed("a bug in the bot", error, Line("KeyError"), hint) from None
    raise Failed("a bug in the bot", got, Line("KeyError"), hint)
