"""The checks of 04_pipeline: which stages are asked, what each reads, what is kept when the
pipeline stops, and how long many pipelines take together.
"""

import asyncio
from dataclasses import dataclass, field

from mas_helpers import HAIKU, Agent, fake_client, run, run_pipeline
from mas_helpers.agents import stage_prompt
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

CUT = {"content": [{"type": "text", "text": "half a sent"}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}
EMPTY = {"content": []}
NO_ANSWERS = {"is cut": CUT, "is refused": REFUSED, "is empty": EMPTY}
RETURNED = "A caller would take an error that's returned for texts: raise it."

ANY_CASE = "Capitals don't matter: text.lower(), or the flag re.IGNORECASE."
ALL_LINES = "The code has the lines 1 to 11, the first and the last one included."
PUNCTUATION = "A bracket, a comma or a line break may be next to the word or the number."
GOOD = {
    "The bug is in line 7.": "This one names a line of the code: return None, to go on.",
    "Line 10: the start is wrong.": ANY_CASE,
    "See line 3.": "A line may be named anywhere in the text.",
    "LINE 1 and line 11": ANY_CASE,
    "Line 40 and line 8 are alike.": "One line that is there is enough: look at all matches.",
    "Line 8 is fine, line 40 isn't.": "One line that is there is enough: look at all matches.",
    "The query (line 8) is open.": PUNCTUATION,
    "Bug:\nline 5, I think": PUNCTUATION,
    **{f"It is line {number}": ALL_LINES for number in range(1, 12)},
}
NO_LINE = {
    "All of it looks fine.": "It names no line at all.",
    "": "It names no line at all.",
    "There are 5 problems.": "A number alone is no line: `line`, a space, the number.",
    "One line has 8 problems.": "The number comes right behind `line`.",
    "Line 40: the loop never ends.": "The code has 11 lines. Compare the number as an int.",
    "Line 12 is missing.": ALL_LINES,
    "Line 0 is odd.": "The first line is line 1.",
    "Line 110: off by one.": r"110 begins with 11 and is another line: `\d+` takes all its digits.",
    "Line 100 is too long.": r"100 begins with 10 and is another line: `\d+` takes all its digits.",
    "The deadline 5 has passed.": r"`\b` in front of `line` keeps other words out, like deadline.",
}


def check_names_a_line(names_a_line):
    """None for a text that names a line of the code, a reason for all others, and the pipeline
    stops on it.
    """
    for text, hint in GOOD.items():
        answer = call_plain(names_a_line, "bugs", text)
        if answer is not None and answer != "":
            hint = hint if isinstance(answer, str) else "A gate returns None to go on."
            raise Failed(f"the gate on {text!r}", answer, None, hint)
    for text, hint in NO_LINE.items():
        try:
            reason = call_plain(names_a_line, "bugs", text)
        except Failed:
            raise
        except Exception as error:
            hint = (
                "Return the reason; `run_pipeline` raises the error. Is it a slip? Call it by hand."
            )
            raise Failed(f"the gate on {text!r}", error, Line("a reason, in words"), hint) from None
        if not isinstance(reason, str) or not reason.strip():
            if reason is not None and not isinstance(reason, str):
                hint = "The reason is a text: it becomes part of the error."
            yours = Line("None, which means: go on") if reason is None else reason
            raise Failed(f"the gate on {text!r}", yours, Line("a reason, in words"), hint)
    replies = {"bugs": "Line 10 is wrong.", "security": "All is well.", "report": "Ship it."}
    played = _play(lambda task, stages: run_pipeline(task, stages, names_a_line), replies)
    case, hint = "the second stage names no line", "It must hold for each stage, whatever its name."
    expect(f"{case}: who was asked", played.names, ["bugs", "security"], hint)
    return f"{len(GOOD)} texts went on, {len(NO_LINE)} were stopped, the third stage was never paid"


def check_short_memory(short_memory):
    """Each stage reads the task and the text right before; a stop keeps everything."""
    replies = {"a": "Anna's text", "b": "Ben's text", "c": "NOTHING TO REVIEW", "d": "Dora's text"}
    played = _play(short_memory, replies)
    hint = "Each stage once, in the order given, and no gate."
    expect("four stages: who was asked", played.names, list(replies), hint)
    for place, prompt in enumerate(played.prompts):
        _expect_read(f"what stage {place + 1} read", prompt, list(replies.values()), place)
    hint = "All texts under their stages' names, as `run_pipeline` returns them."
    expect("what came back", played.returned, replies, hint)
    for at, (how, reply) in zip("acd", NO_ANSWERS.items(), strict=True):
        case = f"the reply of stage {at} {how}"
        before = dict(list(replies.items())[: list(replies).index(at)])
        played = _play(short_memory, {**replies, at: reply})
        hint = "Catch ReplyError around `stage.run`, all kinds of it, and raise PipelineStopped."
        _expect_stopped(case, played, at, hint)
        expect(f"{case}: who was asked", played.names, [*before, at], "Stop there.")
        hint = "The next stage reads one text, but you keep all of them: they're paid for."
        expect(f"{case}: `.completed`", played.error.completed, before, hint)
    _expect_bug_to_propagate(short_memory)
    return "each of 4 stages read one text at most, and every text was kept"


def _expect_read(case, prompt, texts, place):
    """Nothing where the prompt holds the task, the text right before, and no other."""
    hint = "Each stage reads the task: `stage_prompt(task, …)` puts it first."
    if "the task" not in prompt:
        raise Failed(case, prompt, Line("the task, and the text before"), hint)
    wanted = texts[place - 1 : place] if place else []
    found = [text for text in texts if text in prompt]
    hint = (
        "The text of the stage right before, and nothing older: `stage_prompt(task, {name: text})`."
    )
    expect(f"{case}: texts of other stages", found, wanted, hint)


def check_resume(resume):
    """No stage is paid twice, the rest read everything, and a second stop keeps old and new.

    A gate lets a text pass with None or with an empty text; an answer that knows one of the two
    will do.
    """
    try:
        return _check_resume(resume, None)
    except Failed:
        try:
            return _check_resume(resume, "")
        except Failed:
            pass
        raise


def _check_resume(resume, go_on):
    replies = {"bugs": "new bugs", "security": "new holes", "report": "new report"}
    gate = Gate(go_on)
    given = {"bugs": "old bugs"}
    played = _play(resume, replies, gate, given)
    case = "one stage is done"
    hint = "Skip a stage whose name is in `completed`."
    expect(f"{case}: who was asked", played.names, ["security", "report"], hint)
    hint = "`stage_prompt(task, …)` with the old texts as well as the new."
    first = stage_prompt("the task", {"bugs": "old bugs"})
    expect(f"{case}: what security read", played.prompts[0], first, hint)
    second = stage_prompt("the task", {"bugs": "old bugs", "security": "new holes"})
    expect(f"{case}: what report read", played.prompts[1], second, hint)
    texts = {"bugs": "old bugs", "security": "new holes", "report": "new report"}
    hint = "The texts of all stages, the old ones among them."
    expect(f"{case}: what came back", played.returned, texts, hint)
    hint = "Work on a copy: dict(completed)."
    expect("the `completed` that you were given, afterwards", given, {"bugs": "old bugs"}, hint)
    hint = "The gate looks at each new text. The old ones have passed it before."
    asked = [("security", "new holes"), ("report", "new report")]
    expect(f"{case}: what the gate was asked", list(dict.fromkeys(gate.asked)), asked, hint)

    played = _play(resume, replies, Gate(go_on), {})
    hint = "Then it's like `run_pipeline`."
    expect("nothing is done: who was asked", played.names, list(replies), hint)
    expect("nothing is done: what came back", played.returned, replies, hint)
    played = _play(resume, replies, Gate(go_on), dict(texts))
    expect("all is done: who was asked", played.names, [], "Nothing is left to pay for.")
    hint = "Return the texts that you were given."
    expect("all is done: what came back", played.returned, texts, hint)

    for how, reply in {**NO_ANSWERS, "does not pass the gate": "no good"}.items():
        for at, done in (
            ("security", {"bugs": "old bugs"}),
            ("report", {"bugs": "old bugs", "security": "old holes"}),
            ("report", {"bugs": "old bugs"}),
        ):
            _stops_again(resume, go_on, how, {**replies, at: reply}, at, done)
    _expect_wrong_key(resume, Gate(go_on), {}, or_as=run_pipeline)
    return "no stage was paid twice, and a second stop kept old and new"


def _stops_again(resume, go_on, how, replies, at, done):
    case = f"{' and '.join(done)} done, {at} {how}"
    given = dict(done)
    played = _play(resume, replies, Gate(go_on), given)
    hint = "Catch ReplyError, all kinds of it, and ask the gate, as `run_pipeline` does."
    _expect_stopped(case, played, at, hint)
    names = list(replies)
    rest = [name for name in names[: names.index(at) + 1] if name not in done]
    expect(f"{case}: who was asked", played.names, rest, "No stage after the one that stopped.")
    kept = done | {name: replies[name] for name in names[: names.index(at)] if name not in done}
    hint = "The old texts and the new ones: all of them are paid for."
    if at in played.error.completed:
        hint = "A text that doesn't pass the gate isn't done."
    expect(f"{case}: `.completed`", played.error.completed, kept, hint)
    expect(f"{case}: `completed`, afterwards", given, done, "Work on a copy: dict(completed).")
    reason = Gate.REASON if how == "does not pass the gate" else _words_of(replies[at], at)
    if reason not in str(getattr(played.error, "reason", "")):
        hint = "The reason is the gate's, or the text of the ReplyError."
        raise Failed(f"{case}: `.reason`", getattr(played.error, "reason", None), reason, hint)


def _words_of(reply, name):
    """What the ReplyError of an Agent says of this reply."""
    agent = Agent(name, HAIKU, name, client=fake_client(lambda body: reply, max_retries=0))
    played = _play(lambda task, stages: agent.run(task), {})
    return str(played.error)


class Gate:
    """A gate that stops at the text "no good"; `.asked` are the stages and texts that it saw."""

    REASON = "this is not good enough"

    def __init__(self, go_on):
        self.go_on, self.asked = go_on, []

    def __call__(self, stage, text):
        self.asked.append((stage, text))
        return self.REASON if text == "no good" else self.go_on


def check_review_all(review_all):
    """Each task at its own pace: as many seconds as the slowest task, not the slowest stages."""
    seconds = {"A": (1, 3), "B": (4, 1), "C": (2, 2)}
    texts = {name: {"bugs": f"{name}1", "report": f"{name}2"} for name in seconds}
    played, began = _play_all(review_all, seconds, texts)
    expect(
        "what came back", played.returned, texts, "Under each task's name, what run_pipeline gives."
    )
    hint = "The order of `tasks`, not that of arrival."
    expect("the order of the names", list(played.returned), list(texts), hint)
    hint = "Make one coroutine of each task, `run_pipeline(task, stages)`, and start all of them."
    first = {name: began[name, "bugs"] for name in texts}
    expect("the second at which each task began", first, dict.fromkeys(texts, 0.0), hint)
    hint = "No barrier: each task goes on to the second stage as soon as its first is done."
    second = {name: began[name, "report"] for name in texts}
    expect("the second at which each began stage 2", second, {"A": 1.0, "B": 4.0, "C": 2.0}, hint)
    expect("seconds in all: max(1 + 3, 4 + 1, 2 + 2)", played.seconds, 5.0, hint)
    cut = {**texts, "A": {"bugs": CUT, "report": "A2"}}
    played, began = _play_all(review_all, seconds, cut)
    case, hint = "A stops after 1 s", "Let the error propagate: the pipeline of A has no end."
    if type(played.error).__name__ not in ("PipelineStopped", "ExceptionGroup"):
        yours = played.error or Line(f"no error, and it returned {played.returned!r}")
        raise Failed(f"{case}: what is raised", yours, Line("PipelineStopped, or a group"), hint)
    hint = "`gather` lets the others go on, and you pay for them; a TaskGroup cancels them."
    later = sorted(name for name, stage in began if stage == "report")
    expect(f"{case}: who was asked for stage 2", later, [], hint)
    return "3 tasks in 5.0 s, which took 7.0 with a barrier and 13.0 one after the other"


def _play_all(review_all, seconds, texts):
    """Played, and when each stage of each task was begun."""
    began = {}

    def answer(body):
        prompt, stage = body["messages"][0]["content"], body["system"]
        name = prompt.removeprefix("review ")[0]
        began[name, stage] = round(asyncio.get_running_loop().time() - start[0], 3)
        reply = texts[name][stage]
        if isinstance(reply, str):
            reply = {"content": [{"type": "text", "text": reply}]}
        return {**reply, "seconds": seconds[name][0 if stage == "bugs" else 1]}

    start = []

    def begin(_, stages):
        start.append(asyncio.get_running_loop().time())
        return call_async(review_all, {name: f"review {name}" for name in seconds}, stages)

    return _play(begin, {"bugs": "", "report": ""}, model=answer), began


@dataclass
class Played:
    """What an answer returned or raised, after how many seconds, and who was asked with which
    prompt.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    returned: object = None
    error: Exception | None = None
    seconds: float = 0.0

    @property
    def names(self):
        return [name for name, _ in self.asked]

    @property
    def prompts(self):
        return [prompt for _, prompt in self.asked]


def _play(answer, replies, *arguments, model=None):
    """Played: what the answer does with a task, a stage for each reply, and these arguments."""
    played = Played()

    def recorded(body):
        played.asked.append((body["system"], body["messages"][0]["content"]))
        if len(played.asked) > 20:
            raise AssertionError("it went on asking")
        return replies[body["system"]]

    client = fake_client(model or recorded, max_retries=0)
    stages = [Agent(name, HAIKU, name, client=client) for name in replies]

    async def main():
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(1000):
                played.returned = await call_async(answer, "the task", stages, *arguments)
        except Failed:
            raise
        except Exception as error:
            played.error = error
        played.seconds = round(loop.time() - began, 3)
        await asyncio.sleep(100 if model else 0)  # what was not cancelled goes on

    run(main(), clock="virtual")
    if isinstance(played.returned, Exception):
        yours = Line(f"return {type(played.returned).__name__}(…)")
        raise Failed("what came back", yours, Line("raise"), RETURNED)
    if played.error and not _is_planned(played.error):
        raise played.error
    return played


def _is_planned(error):
    """True for what a reply that is no answer, a gate or a wrong key may lead to."""
    known = (
        "PipelineStopped",
        "ReplyTruncated",
        "ReplyRefused",
        "ReplyEmpty",
        "AuthenticationError",
    )
    if isinstance(error, ExceptionGroup):
        return all(_is_planned(one) for one in error.exceptions)
    return type(error).__name__ in known


def _expect_stopped(case, played, stage, hint):
    if type(played.error).__name__ != "PipelineStopped":
        yours = played.error or Line(f"no error, and it returned {played.returned!r}")
        raise Failed(f"{case}: what is raised", yours, Line("PipelineStopped"), hint)
    hint = "The name of the stage that gave nothing to go on with."
    expect(f"{case}: `.stage`", played.error.stage, stage, hint)


class Broken:
    """A stage with a bug of its author's."""

    name = "bugs"

    async def run(self, prompt):
        return str(len(prompt) / 0)


def _expect_bug_to_propagate(answer):
    """Nothing where the error of a stage's own code propagates."""

    async def find_error():
        try:
            async with asyncio.timeout(1000):
                await call_async(answer, "the task", [Broken()])
        except Failed:
            raise
        except Exception as error:
            return error

    error = run(find_error(), clock="virtual")
    if not isinstance(error, ZeroDivisionError):
        hint = "Catch ReplyError, not Exception: a bug in a stage is for its author to see."
        yours = error or Line("no error")
        raise Failed("a stage has a bug: what is raised", yours, Line("ZeroDivisionError"), hint)


def _expect_wrong_key(answer, *arguments, or_as=None):
    """Nothing where the SDK's error propagates, or what `or_as`, a pipeline, makes of it."""
    wrong = {"status": 401, "error": {"type": "authentication_error"}}
    replies = {"bugs": wrong, "security": "x", "report": "x"}
    known = {"AuthenticationError", type(_play(or_as, replies).error).__name__ if or_as else ""}
    played = _play(answer, replies, *arguments)
    if type(played.error).__name__ not in known:
        hint = "Catch ReplyError, not Exception: no stage would work with that key."
        yours = played.error or Line(f"no error, and it returned {played.returned!r}")
        raise Failed("a wrong key: what is raised", yours, Line("AuthenticationError"), hint)
