"""The checks of 08_tools: what the model reads of a tool and its errors, and what is run again."""

import asyncio
import re
import warnings

from anthropic.types import Message, ToolUseBlock

from mas_helpers import run, trace
from mas_helpers.agents.tools import ToolWarning, run_tool, toolbox
from mas_helpers.course.exercises import Failed, Line, NotTried, call_async, expect

YEARS = {2023: "181900", 2024: "182400", 2025: "155040"}


def check_passengers(passengers):
    """The schema says what the model must know, the years come back, and another year is an error
    that helps.
    """
    try:
        ((name, tool),) = toolbox([passengers]).items()
    except (TypeError, ValueError):
        yours = Line(getattr(passengers, "__name__", type(passengers).__name__))
        hint = "The model is told a tool's name and docstring: write it with `def`."
        raise Failed("what you handed over", yours, Line("a function"), hint) from None
    seen = tool.to_dict()
    hint = (
        "The first line of the docstring says what the tool gives: "
        "it is all that the model knows of it."
    )
    given = Line(seen.get("description") or "no description")
    expect_words("the tool's description", given, name, hint)
    arguments = seen["input_schema"]["properties"]
    expect("its arguments", list(arguments), ["year"], "def passengers(year: int)")
    hint = "The type goes behind the name: year: int"
    expect("the type of year in the schema", arguments["year"].get("type"), "integer", hint)
    hint = "In the docstring: a line `Args:`, and below it, indented, `year: …`, what the year is."
    given = Line(arguments["year"].get("description") or "no description")
    expect_words("the description of year", given, "year", hint)
    expect(
        "year must be given",
        seen["input_schema"].get("required"),
        ["year"],
        "No default: there is no usual year.",
    )

    for year, count in YEARS.items():
        result = _result_of(passengers, year=year)
        content = Line(result["content"])
        hint = f"The model read: {content}"
        expect(f"passengers in {year}: is_error", result.get("is_error", False), False, hint)
        plain = content.replace(",", "").replace("_", "")
        hint = "A tool may return any JSON: return the number."
        if re.findall(r"\d+", plain) != [count]:
            raise Failed(f"passengers in {year}: what the model reads", content, Line(count), hint)
    for year in (1999, 2026, 0):
        result = _result_of(passengers, year=year)
        content = Line(result["content"])
        hint = "A returned text passes for a result. raise ToolError(…)"
        if content.isdecimal():
            hint = f"The model takes {content} for a count, and there is none: raise ToolError(…)"
        expect(f"passengers in {year}: is_error", result.get("is_error", False), True, hint)
        case, years = f"passengers in {year}: what the model reads", Line("for which years")
        if " is broken: " in content:
            hint = "Only a ToolError speaks to the model; of any other error it learns the name."
            raise Failed(case, content, years, hint)
        if not _names_the_years(content):
            raise Failed(case, content, years, "Name every year of COUNTS: list(COUNTS).")
    return "a schema that says enough, 3 years, and an error that the model can use"


def expect_words(case, description, name, hint):
    """Nothing where a description says more than the name does, and is no placeholder."""
    empty = {*re.findall(r"[a-z]+", name.lower()), "todo", "description", "docstring", "no"}
    if not set(re.findall(r"[a-z0-9]+", description.lower())) - empty:
        raise Failed(case, description, Line("words that say more than its name"), hint)


def _names_the_years(text):
    """True where each year is named, or the first and the last as a range."""
    first, *_, last = YEARS
    a_range = (
        rf"{first}\W*(-|–|—|to|till|until|through|thru|up to)\W*{last}|between {first} and {last}"
    )
    return all(str(year) in text for year in YEARS) or re.search(a_range, text) is not None


def check_fresh_results(fresh_results):
    """What was asked before is not run; the rest runs at once; one result for each call, in the
    order asked.
    """
    wind, waves, fog = (
        ("look", {"what": "wind"}),
        ("look", {"what": "waves"}),
        ("look", {"what": "fog"}),
    )

    got = _played(fresh_results, [[wind, waves, fog]])
    hint = "These three are all new, because their arguments differ: they run as in run_tools."
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

    got = _played(fresh_results, [[wind], [wind, waves]])
    hint = "Add what was asked to `seen`, and look there before you run a tool."
    if not got.ran:
        hint = (
            "Keep what was asked in `seen`, and nowhere else: another conversation has another set."
        )
    expect(
        "wind again in the next message: tools that ran", got.ran, ["look wind", "look waves"], hint
    )
    hint = '"is_error": True, as for other calls that gave nothing.'
    expect("wind again in the next message: is_error", got.errors[1], [True, False], hint)
    expect(
        "wind again in the next message: its text is not empty",
        bool(got.texts[1][0]),
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
    got = _played(fresh_results, [[("snap", {"what": "x"})], [("snap", {"what": "x"})]])
    hint = (
        "It was asked for before, whatever came of it: an agent that gets nowhere asks that again."
    )
    expect("a tool that broke, asked again: tools that ran", got.ran, ["snap x"], hint)
    first, again = _played(fresh_results, [[fog]]), _played(fresh_results, [[fog]])
    hint = "Keep what was asked in `seen`, and nowhere else: another conversation has another set."
    expect("a new conversation, with an empty set: tools that ran", again.ran, first.ran, hint)
    return "new calls at once, repetitions not run, every call answered in its place"


def check_results_in_turn(results_in_turn):
    """What changes something runs one at a time, in the order asked; the rest at once beside it."""
    names = {"book", "cancel"}

    got = _timed(results_in_turn, [("look", 4), ("read", 2)], names)
    hint = "Nothing here is in `changing`: both run at once, as in run_tools."
    expect("two that only read: when each began", got.began, {"look": 0, "read": 0}, hint)

    got = _timed(results_in_turn, [("book", 3), ("book", 1)], names)
    hint = "The second waits until the first is done: take an asyncio.Lock around run_tool."
    expect("book twice: the most that ran at once", got.most_changing, 1, hint)
    hint = "Begin them in the order asked."
    expect("book twice, 3 s and 1 s: the order", got.order, ["book 3", "book 1"], hint)

    got = _timed(results_in_turn, [("book", 2), ("cancel", 2)], names)
    hint = "One after the other, whatever their names: one lock for all of them."
    expect("book and cancel: the most that ran at once", got.most_changing, 1, hint)

    got = _timed(results_in_turn, [("look", 4), ("book", 1), ("read", 3), ("cancel", 1)], names)
    began = {"look": 0, "book": 0, "read": 0, "cancel": 1}
    hint = "The others don't wait for those that change something, nor the other way round."
    expect("look, book, read, cancel: when each began", got.began, began, hint)
    hint = "Each result at the place of its call, whichever tool was done first."
    texts = ["look 4", "book 1", "read 3", "cancel 1"]
    expect("look, book, read, cancel: what the model reads", got.texts, texts, hint)

    got = _timed(results_in_turn, [("book", 0), ("cancel", 1), ("look", 1)], names)
    hint = "run_tool(call, kit) gives a result for a tool that breaks: go on after it."
    expect("book breaks: is_error", got.errors, [True, False, False], hint)

    got = _timed(results_in_turn, [("look", 2), ("look", 2)], {"look"})
    hint = "`changing` says which tools: here it is look."
    expect("look is the one that changes: the order of begin", got.starts, [0, 2], hint)
    got = _timed(results_in_turn, [("book", 2), ("book", 2)], set())
    hint = "`changing` is empty here, so nothing has to wait."
    expect("nothing in changing: seconds", got.starts, [0, 0], hint)
    return "one change at a time, in the order asked, and nobody else waits"


class _Timed:
    """What a run of results_in_turn did, and when."""

    def __init__(self):
        self.began, self.starts, self.order, self.texts, self.errors = {}, [], [], [], []
        self.most_changing = self.changing = 0


def _timed(function, asked, changing):
    """Plays one message with these calls, each a tool and the seconds that it takes."""
    got = _Timed()

    def make(name):
        async def work(seconds: float) -> str:
            now = asyncio.get_running_loop().time() - zero[0]
            got.began.setdefault(name, round(now))
            got.starts.append(round(now))
            got.changing += name in changing
            got.most_changing = max(got.most_changing, got.changing)
            await asyncio.sleep(seconds)
            got.changing -= name in changing
            got.order.append(f"{name} {seconds:g}")
            if not seconds:
                raise OSError("broken")
            return f"{name} {seconds:g}"

        work.__name__ = work.__qualname__ = name
        work.__doc__ = "Works."
        return work

    zero = [0.0]
    kit = toolbox([make(name) for name in ("look", "read", "book", "cancel")])
    ids = [f"toolu_{n}" for n in range(len(asked))]
    message = _message([(name, {"seconds": seconds}) for name, seconds in asked], ids)

    async def main():
        zero[0] = asyncio.get_running_loop().time()
        answer = await _answer_to(message, function, kit, set(changing))
        if answer is None and not got.starts:
            raise NotTried
        _expect_message(answer, ids)
        got.texts = [Line(result["content"]) for result in answer["content"]]
        got.errors = [bool(result.get("is_error", False)) for result in answer["content"]]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ToolWarning)
        run(main(), clock="virtual")
    return got


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
        got.ran.append(f"snap {what}")
        raise OSError(what)

    kit = toolbox([look, smell, sail, snap])

    async def main():
        for turn, calls in enumerate(turns):
            ids = [f"toolu_{turn}{n}" for n in range(len(calls))]
            answer = await _answer_to(_message(calls, ids), function, kit, seen)
            if answer is None and not got.ran:
                raise NotTried
            _expect_message(answer, ids)
            got.texts.append([result["content"] for result in answer["content"]])
            got.errors.append([bool(result.get("is_error", False)) for result in answer["content"]])

    with trace() as played:
        run(main(), clock="virtual")
    got.seconds = played.seconds
    return got


async def _answer_to(message, function, kit, names):
    """What the function returns for the message, whose first block is no call."""
    try:
        return await call_async(function, message, kit, names)
    except AttributeError as error:
        if "ThinkingBlock" not in str(error):
            raise
        hint = 'Only blocks whose type is "tool_use" are calls: skip the others, as run_tools does.'
        seen = Line("a thinking block was taken for a call")
        raise Failed("a message that begins with thinking", seen, Line("no error"), hint) from error


def _expect_message(answer, ids):
    if (
        not isinstance(answer, dict)
        or answer.get("role") != "user"
        or not isinstance(answer.get("content"), list)
    ):
        hint = 'return {"role": "user", "content": [ … ]}, as run_tools does.'
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
    kit = toolbox([tool])
    call = ToolUseBlock(type="tool_use", id="toolu_1", name=next(iter(kit)), input=arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ToolWarning)
        return run(run_tool(call, kit), clock="virtual")
