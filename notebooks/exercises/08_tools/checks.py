"""The checks of 08_tools: what the model reads of a tool and its errors, and what is run again."""

import asyncio
import inspect

from anthropic.types import Message, ToolUseBlock

from mas_helpers import run, trace
from mas_helpers.agents.tools import run_tool, toolbox
from mas_helpers.course.exercises import Failed, Line, NotTried, expect, expect_async

YEARS = {2023: "181900", 2024: "182400", 2025: "155040"}


def check_passengers(passengers):
    """The schema says what the model must know, the years come back, and another year is an error
    that helps.
    """
    if not inspect.isfunction(passengers):
        raise Failed(
            "what passengers is",
            passengers,
            "a plain function",
            "toolbox makes the tool: no decorator here.",
        )
    (tool,) = toolbox([passengers]).values()
    seen = tool.to_dict()
    hint = (
        "The first line of the docstring says what the tool gives: "
        "it is all that the model knows of it."
    )
    expect("the tool has a description", bool((seen.get("description") or "").strip()), True, hint)
    arguments = seen["input_schema"]["properties"]
    expect("its arguments", list(arguments), ["year"], "def passengers(year: int)")
    hint = "The type stands behind the name: year: int"
    expect("the type of year in the schema", arguments["year"].get("type"), "integer", hint)
    hint = "In the docstring: a line `Args:`, and below it, indented, `year: …`"
    expect(
        "year has a description",
        bool((arguments["year"].get("description") or "").strip()),
        True,
        hint,
    )
    expect(
        "year must be given",
        seen["input_schema"].get("required"),
        ["year"],
        "No default: there is no usual year.",
    )

    for year, count in YEARS.items():
        result = _result_of(passengers, year=year)
        hint = "A tool may return any JSON: return the number."
        content = Line(result["content"])
        expect(
            f"passengers in {year}: is_error",
            result.get("is_error", False),
            False,
            f"The model read: {content}",
        )
        expect(
            f"passengers in {year}: what the model reads",
            content.replace(",", "").replace("_", ""),
            count,
            hint,
        )
    for year in (1999, 2026):
        result = _result_of(passengers, year=year)
        content = Line(result["content"])
        hint = "A returned text passes for a result. raise ToolError(…)"
        expect(f"passengers in {year}: is_error", result.get("is_error", False), True, hint)
        if " is broken: " in content:
            hint = "Only a ToolError speaks to the model; of any other error it learns the name."
            raise Failed(
                f"passengers in {year}: what the model reads",
                content,
                "which years there are",
                hint,
            )
        named = [known for known in YEARS if str(known) in content]
        expect(
            f"passengers in {year}: the years it is told of",
            named,
            list(YEARS),
            "Name them all: list(COUNTS).",
        )
    return "a schema that says enough, 3 years, and an error that the model can use"


def check_fresh_results(fresh_results):
    """What was asked before is not run; the rest runs at once; one result for each call, in the
    order asked.
    """
    expect_async(fresh_results)
    wind, waves, fog = (
        ("look", {"what": "wind"}),
        ("look", {"what": "waves"}),
        ("look", {"what": "fog"}),
    )

    got = _played(fresh_results, [[wind, waves, fog]])
    hint = "Three calls that are all new: they run like in tool_results."
    expect(
        "three new calls: tools that ran", got.ran, ["look wind", "look waves", "look fog"], hint
    )
    hint = "One result for each call, in the order asked."
    expect(
        "three new calls: what the model reads",
        got.texts[0],
        ["saw wind", "saw waves", "saw fog"],
        hint,
    )
    hint = "2, 4 and 3 s at once are 4 s: tasks in a TaskGroup, or gather."
    expect("three new calls: seconds", got.seconds, 4.0, hint)

    got = _played(fresh_results, [[wind], [waves, wind]])
    hint = "Add what was asked to `seen`, and look there before you run a tool."
    expect(
        "wind again in the next message: tools that ran", got.ran, ["look wind", "look waves"], hint
    )
    hint = '"is_error": True, as for other calls that gave nothing.'
    expect("wind again in the next message: is_error", got.errors[1], [False, True], hint)
    expect(
        "wind again in the next message: its text is not empty",
        bool(got.texts[1][1]),
        True,
        "Say what is wrong.",
    )

    got = _played(fresh_results, [[fog, wind, fog]])
    hint = (
        "The second of two equal calls in one message is a repetition too: "
        "note the first before you go on."
    )
    expect("fog twice in one message: tools that ran", got.ran, ["look fog", "look wind"], hint)
    hint = "The first fog has its result, the second the error."
    expect("fog twice in one message: is_error", got.errors[0], [False, False, True], hint)

    got = _played(fresh_results, [[wind], [("smell", {"what": "wind"})]])
    hint = "Another tool with the same arguments is another call."
    expect(
        "the same argument for another tool: tools that ran",
        got.ran,
        ["look wind", "smell wind"],
        hint,
    )
    there, back = (
        ("sail", {"start": "Stell", "end": "Pier"}),
        ("sail", {"end": "Pier", "start": "Stell"}),
    )
    got = _played(fresh_results, [[there], [back]])
    hint = "Arguments in another order are the same: json.dumps(call.input, sort_keys=True)"
    expect(
        "the same arguments in another order: tools that ran", got.ran, ["sail Stell Pier"], hint
    )
    swapped = ("sail", {"start": "Pier", "end": "Stell"})
    got = _played(fresh_results, [[there], [swapped]])
    hint = "Stell to Pier is not Pier to Stell: names and values belong together."
    expect(
        "start and end swapped: tools that ran",
        got.ran,
        ["sail Stell Pier", "sail Pier Stell"],
        hint,
    )

    got = _played(fresh_results, [[("snap", {"what": "x"}), wind]])
    expect(
        "one tool breaks: is_error",
        got.errors[0],
        [True, False],
        "run_tool(call, kit) takes care of that.",
    )
    first, again = _played(fresh_results, [[fog]]), _played(fresh_results, [[fog]])
    hint = "Keep what was asked in `seen`, and nowhere else: another conversation has another set."
    expect("a new conversation, with an empty set: tools that ran", again.ran, first.ran, hint)
    return "new calls at once, repetitions not run, every call answered in its place"


class _Seen:
    """What a run of fresh_results did: the tools that ran, and for each message the texts and error
    marks.
    """

    def __init__(self):
        self.ran, self.texts, self.errors, self.seconds = [], [], [], 0.0


def _played(function, turns):
    """Plays messages with these calls, one after the other, with one set `seen`."""
    got, seen = _Seen(), set()

    async def look(what: str) -> str:
        """Looks."""
        got.ran.append(f"look {what}")
        await asyncio.sleep({"wind": 2, "waves": 4, "fog": 3}[what])
        return f"saw {what}"

    async def smell(what: str) -> str:
        """Smells."""
        got.ran.append(f"smell {what}")
        return f"smelt {what}"

    async def sail(start: str, end: str) -> str:
        """Sails."""
        got.ran.append(f"sail {start} {end}")
        return "there"

    async def snap(what: str) -> str:
        """Breaks."""
        raise OSError(what)

    kit = toolbox([look, smell, sail, snap])

    async def main():
        for turn, calls in enumerate(turns):
            ids = [f"toolu_{turn}{n}" for n in range(len(calls))]
            answer = await function(_message(calls, ids), kit, seen)
            if answer is None and not got.ran:
                raise NotTried
            _expect_message(answer, ids)
            got.texts.append([result["content"] for result in answer["content"]])
            got.errors.append([bool(result.get("is_error", False)) for result in answer["content"]])

    with trace() as played:
        run(main(), clock="virtual")
    got.seconds = played.seconds
    return got


def _expect_message(answer, ids):
    if (
        not isinstance(answer, dict)
        or answer.get("role") != "user"
        or not isinstance(answer.get("content"), list)
    ):
        hint = 'return {"role": "user", "content": [ … ]}, as tool_results does.'
        raise Failed(
            "what came back", answer, Line("a user's message with a list of results"), hint
        )
    answered = [
        result.get("tool_use_id") for result in answer["content"] if isinstance(result, dict)
    ]
    hint = (
        "The API wants a result for each call, "
        "in the order asked, also for those that were not run; "
        "`tool_use_id` says for which."
    )
    expect("the calls that are answered, in order", answered, ids, hint)


def _message(calls, ids):
    blocks = [
        {"type": "tool_use", "id": id, "name": name, "input": arguments}
        for id, (name, arguments) in zip(ids, calls, strict=True)
    ]
    return Message.model_validate({
        "id": "msg_check", "type": "message", "role": "assistant", "model": "check",
        "stop_reason": "tool_use",
        "content": [{"type": "thinking", "thinking": "", "signature": ""}, *blocks],
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    })  # fmt: skip


def _result_of(tool, **arguments):
    call = ToolUseBlock(type="tool_use", id="toolu_1", name=tool.__name__, input=arguments)
    return run(run_tool(call, toolbox([tool])), clock="virtual")
