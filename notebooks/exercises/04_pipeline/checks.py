"""The checks of 04_pipeline: which stages are asked, what each reads, and what is kept when the
line stops.
"""

import inspect

from anthropic import AnthropicError

from mas_helpers import HAIKU, Agent, ReplyError, fake_client, run, run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt
from mas_helpers.course.exercises import Failed, Line, expect, expect_async

CUT = {"content": [{"type": "text", "text": "half a sent"}], "stop_reason": "max_tokens"}
RETURNED = "Whoever calls it would take a returned error for texts. An error is raised."
REFUSED = {"stop_reason": "refusal"}
ANY_CASE = "Capitals do not matter: text.lower(), or the flag re.IGNORECASE."
GOOD = {
    "Line 10: the start is wrong.": ANY_CASE,
    "See line 3.": "Line 3 is there.",
    "LINE 1 and line 11": ANY_CASE,
    "Line 40 and line 8 are alike.": "One line that is there is enough: look at all matches.",
}
NO_LINE = {
    "All of it looks fine.": "It names no line at all.",
    "": "It names no line at all.",
    "There are 5 problems.": "A number alone is no line: `line`, a space, the number.",
    "Line 40: the loop never ends.": (
        "The code has 11 lines. Take the whole number, and compare it as an int."
    ),
    "Line 0 is odd.": "The first line is line 1.",
    "Line 110: off by one.": (
        r"110 begins with 11, and is none of the lines. "
        r"`\d+` takes the whole number."
    ),
    "The deadline 5 has passed.": (
        r"That is the end of another word. "
        r"`\b` in front of `line` is the edge of a word."
    ),
}


def check_names_a_line(names_a_line):
    """'' for a text that names a line of the code, a reason for all others, and the line stops on
    it.
    """
    if inspect.iscoroutinefunction(names_a_line):
        raise Failed(
            "what you handed over",
            Line("async def"),
            Line("def"),
            "`run_pipeline` calls a gate without await.",
        )
    for text, hint in GOOD.items():
        answer = names_a_line("bugs", text)
        expect(
            f"the gate on {text!r}",
            answer,
            "",
            hint if isinstance(answer, str) else 'A gate returns "" to go on.',
        )
    for text, hint in NO_LINE.items():
        reason = names_a_line("bugs", text)
        if not isinstance(reason, str) or not reason.strip():
            raise Failed(f"the gate on {text!r}", reason, Line("a reason, in words"), hint)
    replies = {"bugs": "Line 10 is wrong.", "security": "All is well.", "report": "Ship it."}
    got, asked = _played(lambda task, stages: run_pipeline(task, stages, names_a_line), replies)
    hint = "It must hold for every stage, whatever its name."
    expect(
        "a line whose second stage names none: who was asked",
        _names(asked),
        ["bugs", "security"],
        hint,
    )
    expect(
        "a line whose second stage names none: where it stopped",
        getattr(got, "stage", got),
        "security",
        hint,
    )
    return (
        f"{len(GOOD)} texts went on, {len(NO_LINE)} were stopped, "
        "and the third stage was never paid"
    )


def check_short_memory(short_memory):
    """Each stage reads the task and the text right before; a stop keeps everything."""
    expect_async(short_memory)
    replies = {"a": "from the first", "b": "from the second", "c": "from the third", "d": "the end"}
    got, asked = _played(short_memory, replies)
    expect(
        "four stages: who was asked",
        _names(asked),
        list(replies),
        "Each stage once, in the order given.",
    )
    read = [prompt for _, prompt in asked]
    expect("what the first stage read", read[0], "the task", "Nothing was written before it.")
    hint = "stage_prompt(task, {name: text}) with the one text of the stage before."
    for place, (name, text) in enumerate(list(replies.items())[:-1], 1):
        expect(
            f"what stage {place + 1} read",
            read[place],
            stage_prompt("the task", {name: text}),
            hint,
        )
    expect(
        "what came back",
        got,
        replies,
        "All texts under their stages' names, as pipeline returns them.",
    )
    for bad in (REFUSED, CUT):
        got, asked = _played(short_memory, {**replies, "c": bad})
        hint = (
            "Catch ReplyError around stage.run, "
            "and raise PipelineStopped(stage.name, str(error), done)."
        )
        expect("the third stage has no answer: what got out", _kind(got), "PipelineStopped", hint)
        expect(
            "the third stage has no answer: who was asked",
            _names(asked),
            ["a", "b", "c"],
            "Stop there.",
        )
        expect(
            "the third stage has no answer: `.stage`",
            got.stage,
            "c",
            "The stage that had no answer.",
        )
        kept = {"a": replies["a"], "b": replies["b"]}
        expect(
            "the third stage has no answer: `.completed`",
            got.completed,
            kept,
            "Hand on one text, but keep all: both are paid.",
        )
    _wrong_key(short_memory)
    whole = stage_prompt("the task", dict(list(replies.items())[:-1]))
    return (
        f"the last of 4 stages read {len(read[3])} characters "
        f"instead of {len(whole)}, and nothing of the first two"
    )


def check_resume(resume):
    """No stage is paid twice, the rest read everything, and a second stop keeps old and new."""
    expect_async(resume)
    replies = {"bugs": "new bugs", "security": "new holes", "report": "new report"}
    old = {"bugs": "old bugs"}
    expected = {"bugs": "old bugs", "security": "new holes", "report": "new report"}
    got, asked = _played(_resuming(resume, _passes, old), replies)
    expect(
        "one stage is done: who was asked",
        _names(asked),
        ["security", "report"],
        "Skip a stage whose name is in done.",
    )
    hint = "stage_prompt(task, …) with the old texts as well as the new."
    expect("what security read", asked[0][1], stage_prompt("the task", {"bugs": "old bugs"}), hint)
    before = {"bugs": "old bugs", "security": "new holes"}
    expect("what report read", asked[1][1], stage_prompt("the task", before), hint)
    expect("what came back", got, expected, "The texts of all stages, the old ones among them.")
    expect(
        "the `completed` that you were given, afterwards",
        old,
        {"bugs": "old bugs"},
        "Work on a copy: dict(done).",
    )

    got, asked = _played(_resuming(resume, _passes, {}), replies)
    expect(
        "nothing is done: who was asked",
        _names(asked),
        list(replies),
        "Then it is an ordinary line.",
    )
    expect("nothing is done: what came back", got, replies, "Then it is an ordinary line.")
    got, asked = _played(_resuming(resume, _passes, dict(replies)), replies)
    expect("all is done: who was asked", _names(asked), [], "Nothing is left to pay for.")
    expect("all is done: what came back", got, replies, "Return the texts that you were given.")

    for bad, gate, why in (
        (CUT, _passes, "is cut"),
        ("no holes", _stops_at("no holes"), "does not pass the gate"),
    ):
        case = f"bugs and security are done, report {why}"
        texts = {"bugs": "old bugs", "security": "old holes"}
        got, _ = _played(_resuming(resume, gate, dict(texts)), {**replies, "report": bad})
        hint = "Catch ReplyError and ask the gate, as pipeline does."
        expect(f"{case}: what got out", _kind(got), "PipelineStopped", hint)
        expect(f"{case}: `.stage`", got.stage, "report", "The stage that stopped it.")
        expect(
            f"{case}: `.completed`",
            got.completed,
            texts,
            "Old texts too: they were paid for in the first run.",
        )
        case = f"bugs is done, security is new, report {why}"
        got, _ = _played(_resuming(resume, gate, dict(old)), {**replies, "report": bad})
        both = {"bugs": "old bugs", "security": "new holes"}
        expect(
            f"{case}: `.completed`",
            getattr(got, "completed", got),
            both,
            "The old texts and the new ones.",
        )
    _wrong_key(_resuming(resume, _passes, {}))
    return "no stage was paid twice, and a second stop kept old and new"


def _resuming(resume, gate, done):
    return lambda task, stages: resume(task, stages, gate, done)


def _passes(stage, text):
    return ""


def _stops_at(words):
    return lambda stage, text: "not good enough" if text == words else ""


def _played(line, replies):
    """What a line returned (or raised), and who was asked with which prompt, in order."""
    asked = []

    def answer(body):
        asked.append((body["system"], body["messages"][0]["content"]))
        if len(asked) > 2 * len(replies):
            raise AssertionError("it went on asking")
        return replies[body["system"]]

    client = fake_client(answer, max_retries=0)
    stages = [Agent(name, HAIKU, name, client=client) for name in replies]
    try:
        got = run(line("the task", stages), clock="virtual")
    except (PipelineStopped, ReplyError, AnthropicError) as error:
        return error, asked
    except Exception as error:
        if type(error).__name__ != "PipelineStopped":
            raise
        return error, asked
    if isinstance(got, Exception):
        raise Failed(
            "what came back", Line(f"return {type(got).__name__}(…)"), Line("raise"), RETURNED
        )
    return got, asked


def _wrong_key(line):
    wrong = {"status": 401, "error": {"type": "authentication_error"}}
    got, _ = _played(line, {"bugs": wrong, "security": "x", "report": "x"})
    hint = "Catch ReplyError, not Exception: no stage of any line would work with that key."
    expect("a wrong key: what got out", _kind(got), "AuthenticationError", hint)


def _names(asked):
    return [name for name, _ in asked]


def _kind(got):
    return type(got).__name__ if isinstance(got, Exception) else got
