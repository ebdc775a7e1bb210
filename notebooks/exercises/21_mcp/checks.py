"""The checks of 21_mcp: what changed at a server, and how a tool's result is limited."""

import asyncio

from anthropic.lib.tools import ToolError

from mas_helpers import run
from mas_helpers.course.exercises import Line, call_async, call_plain, expect

GONE = "A pinned tool that the server doesn't have any more is gone."
BY_NAME = "Compare what one name had with what the same name has now, not all the hashes at once."


def check_changes(changes):
    """Names that are new, gone and changed; three sorted lists, whatever the order given."""
    cases = [
        ("nothing changed", {"a": "1", "b": "2"}, {"b": "2", "a": "1"}, [], [], []),
        ("a tool is new", {"a": "1"}, {"a": "1", "b": "2"}, ["b"], [], []),
        ("a tool is gone", {"a": "1", "b": "2"}, {"a": "1"}, [], ["b"], []),
        ("a tool changed", {"a": "1", "b": "2"}, {"a": "1", "b": "9"}, [], [], ["b"]),
        ("two tools swapped what they say", {"a": "1", "b": "2"}, {"a": "2", "b": "1"}, [], [],
         ["a", "b"]),
        ("a tool got another name", {"a": "1"}, {"b": "1"}, ["b"], ["a"], []),
        ("two tools read alike, one changed", {"a": "1", "b": "1"}, {"a": "1", "b": "2"}, [], [],
         ["b"]),
        ("nothing was pinned", {}, {"z": "1", "m": "2"}, ["m", "z"], [], []),
        ("the server has no tool", {"z": "1", "m": "2"}, {}, [], ["m", "z"], []),
        ("no tool at all", {}, {}, [], [], []),
        ("all at once", {"d": "1", "c": "2"}, {"e": "4", "a": "5", "d": "6"}, ["a", "e"], ["c"],
         ["d"]),
    ]  # fmt: skip
    for case, pins, now, new, gone, changed in cases:
        given = dict(pins), dict(now)
        got = call_plain(changes, *given)
        if not isinstance(got, dict):
            expect(f"{case}: what came back", got, Line("a dict"), "Return a dict of three lists.")
        hint = 'Three keys, always: "new", "gone" and "changed".'
        expect(f"{case}: the keys", sorted(map(str, got)), ["changed", "gone", "new"], hint)
        hints = {"new": "New is a name without a pin.", "gone": GONE, "changed": BY_NAME}
        expected = {"new": new, "gone": gone, "changed": changed}
        for key, names in expected.items():
            hint = hints[key]
            if not isinstance(got[key], list):
                hint = "A list of names."
            elif sorted(map(str, got[key])) == names:
                hint = "Sort the names."
            expect(f"{case}: {key}", got[key], names, hint)
        hint = "Leave the given dicts alone."
        expect(f"{case}: the dicts that were given", given, (pins, now), hint)
    return f"{len(cases)} releases compared: new, gone and changed by name"


LONG = "0123456789" * 3


def check_limited(limited):
    """A text whole or cut, in time or a ToolError, cancelled; errors propagate."""
    for text, most in ((LONG, 40), (LONG, 30), (LONG, 29), (LONG, 10), ("", 5), ("a\nb\nc", 3)):
        expected = text if len(text) <= most else f"{text[:most]}\n[cut]"
        got, _ = _play(limited, text, 0, most=most)
        hint = "The first `most` characters, then a line `[cut]`; nothing more where it's whole."
        expect(f"{len(text)} characters, most={most}", got, expected, hint)
    for takes, seconds in ((4, 5), (0, 5), (4.9, 5)):
        got, at = _play(limited, "in time", takes, seconds=seconds)
        case = f"a call of {takes} s, seconds={seconds}"
        expect(case, got, "in time", "What comes in time is returned.")
        expect(f"{case}: the seconds it took", at["end"], takes, "Return it as soon as it's there.")
    for takes in (6, 3600):
        got, at = _play(limited, "too late", takes)
        case = f"a call of {takes} s, seconds=5"
        hint = 'raise ToolError("… no answer in time …") where the time is over.'
        expect(f"{case}: what came out", got[:9], Line("ToolError"), hint)
        expect(f"{case}: the seconds it took", at["end"], 5, "Don't wait longer than `seconds`.")
        in_words = Line("no answer in time" if "no answer in time" in got else got)
        expect(f"{case}: what it says", in_words, Line("no answer in time"), hint)
        hint = "Cancel the call: `asyncio.timeout` and `asyncio.wait_for` do."
        expect(f"{case}: the call was cancelled at", at.get("cancelled"), 5, hint)
    got, _ = _play(limited, ToolError("there is no such station"), 1)
    hint = "A ToolError is written for the model: let it propagate, with its text."
    expect("the call raises a ToolError", got, "ToolError: there is no such station", hint)
    got, _ = _play(limited, ToolError(LONG), 1, most=10)
    hint = "An error's text is the server's too: cut it as you cut a result."
    expect("a ToolError of 30 characters, most=10", got, "ToolError: 0123456789\n[cut]", hint)
    for error in (ValueError("Stel"), KeyError("Stel"), TimeoutError("of the server's own")):
        got, _ = _play(limited, error, 1)
        hint = "Only a ToolError is changed. Every other error propagates as it is."
        if isinstance(error, TimeoutError):
            hint = "This TimeoutError came after 1 s, from the call itself: `seconds` weren't over."
            hint += " `async with asyncio.timeout(seconds) as limit:` knows: limit.expired()."
        expect(
            f"the call raises {type(error).__name__}", got, f"{type(error).__name__}: {error}", hint
        )
    return "whole or cut, in time or a ToolError, and the call is cancelled"


def _play(limited, gives, takes, seconds=5, most=100):
    """What came back, or the error and its text; when it ended, and when it was cancelled."""
    at = {"calls": 0}

    async def call():
        at["calls"] += 1
        began = asyncio.get_running_loop().time()
        try:
            await asyncio.sleep(takes)
        except asyncio.CancelledError:
            at["cancelled"] = asyncio.get_running_loop().time() - began
            raise
        if isinstance(gives, Exception):
            raise gives
        return gives

    async def timed():
        began = asyncio.get_running_loop().time()
        try:
            got = await call_async(limited, call, seconds, most)
        except (ToolError, ValueError, KeyError, TimeoutError) as error:
            got = f"{type(error).__name__}: {error}"
        at["end"] = asyncio.get_running_loop().time() - began
        await asyncio.sleep(1)  # a call that was left behind would be cancelled with the loop
        return got

    got = run(timed(), clock="virtual")
    expect("how often it was called", at["calls"], 1, "Call it once: `await call()`.")
    if not isinstance(got, str):
        expect("what came back", got, Line("a text"), "Return the text.")
    return got, at
