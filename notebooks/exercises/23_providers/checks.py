"""The checks of 23_providers: tokens counted once, and the JSON in a text with words around it."""

import copy

from mas_helpers.course.exercises import Line, call_plain, expect

ONCE = "prompt_tokens includes the cached ones: take them out of the input, so they count once."
NOTHING_CACHED = "Where details or cached_tokens are missing or None, nothing came from a cache."


def usage(prompt, completion, *details, **more):
    """A usage as servers report it; details: what `prompt_tokens_details` is, if it's there."""
    counts = {"prompt_tokens": prompt, "completion_tokens": completion}
    counts["total_tokens"] = prompt + completion
    if details:
        counts["prompt_tokens_details"] = details[0]
    return {**counts, **more}


REASONING = {"completion_tokens_details": {"reasoning_tokens": 60}}
USAGES = [
    ("one call, nothing cached", [usage(1200, 90, {"cached_tokens": 0})], (1200, 0, 90, 0)),
    ("one call, 1,000 tokens from a cache", [usage(1200, 90, {"cached_tokens": 1000})],
     (200, 1000, 90, 0)),
    ("a prompt that came from a cache whole", [usage(500, 5, {"cached_tokens": 500})],
     (0, 500, 5, 0)),
    ("two calls", [usage(100, 7, {"cached_tokens": 40}), usage(300, 8, {"cached_tokens": 10})],
     (350, 50, 15, 0)),
    ("a call with reasoning", [usage(50, 90, {"cached_tokens": 0}, **REASONING)], (50, 0, 90, 0)),
    ("no prompt_tokens_details", [usage(30, 4)], (30, 0, 4, 0)),
    ("prompt_tokens_details is None", [usage(30, 4, None)], (30, 0, 4, 0)),
    ("prompt_tokens_details is empty", [usage(30, 4, {})], (30, 0, 4, 0)),
    ("cached_tokens is None", [usage(30, 4, {"cached_tokens": None})], (30, 0, 4, 0)),
    ("a call without usage", [None], (0, 0, 0, 1)),
    ("calls with and without usage",
     [None, usage(100, 7, {"cached_tokens": 40}), None, usage(10, 1)], (70, 40, 8, 2)),
    ("no call at all", [], (0, 0, 0, 0)),
]  # fmt: skip
HINTS = {
    "input": ONCE,
    "cached": "The sum of cached_tokens.",
    "output": "completion_tokens includes the reasoning already: add nothing to it.",
    "unknown": "Count the calls that are None in the list.",
}


def check_add_usages(add_usages):
    """Cached tokens once, missing details as none, calls without usage counted."""
    for case, usages, counted in USAGES:
        given = copy.deepcopy(usages)
        got = call_plain(add_usages, given)
        if not isinstance(got, dict):
            expect(f"{case}: what came back", got, Line("a dict"), "Return a dict of four numbers.")
        hint = 'Four keys, always: "input", "cached", "output" and "unknown".'
        expect(f"{case}: the keys", sorted(map(str, got)), sorted(HINTS), hint)
        for (key, hint), number in zip(HINTS.items(), counted, strict=True):
            if "None" in case or "details" in case:
                hint = NOTHING_CACHED
            expect(f"{case}: {key}", got[key], number, hint)
        expect(f"{case}: the list that was given", given, usages, "Leave the list alone.")
    return f"{len(USAGES)} bills added up, each token once"


FENCE = "```"
WHOLE = "It may be the whole text, or have words before and after it."
TEXTS = [
    ("nothing but JSON", '{"item": "roll"}', {"item": "roll"}, WHOLE),
    ("words before it", 'Gladly! {"item": "roll"}', {"item": "roll"}, WHOLE),
    ("words after it", '{"item": "roll"} Anything else?', {"item": "roll"}, WHOLE),
    ("a fence", f'{FENCE}json\n{{"item": "roll"}}\n{FENCE}', {"item": "roll"}, WHOLE),
    ("several lines", 'So:\n{\n  "item": "roll",\n  "quantity": 3\n}\n',
     {"item": "roll", "quantity": 3}, WHOLE),
    ("an object in an object", 'Here: {"order": {"item": "roll"}} Bye.',
     {"order": {"item": "roll"}}, "The larger object is the first."),
    ("two objects", '{"item": "roll"} or {"item": "bun"}', {"item": "roll"},
     "Stop where the first object ends, not at the last brace of the text."),
    ("words with braces after it", '{"item": "roll"} (in {curly} braces)', {"item": "roll"},
     "Stop where the first object ends, not at the last brace of the text."),
    ("words with braces before it", 'As {asked}: {"item": "roll"}', {"item": "roll"},
     "A brace that begins no JSON is a word: try the next one."),
    ("a brace in a string", '{"item": "a } and a {", "quantity": 1}',
     {"item": "a } and a {", "quantity": 1}, "A brace inside a string is part of it."),
    ("an empty object", "Nothing: {}", {}, "{} is an object too: return it, not None."),
    ("a list before it", '[1, 2] and {"item": "roll"}', {"item": "roll"},
     "A list is no object: look for the first {."),
    ("an emoji and an umlaut", '\U0001f956 {"item": "Brötchen"}', {"item": "Brötchen"}, WHOLE),
    ("no object", "We have no rolls today.", None, "Return None where there is no object."),
    ("an empty text", "", None, "Return None where there is no object."),
    ("a reply that was cut", '{"item": "ro', None, "An object without its end is none."),
    ("a cut one after its first line", 'Here: {"item": "roll",\n"quantity": ', None,
     "An object without its end is none."),
    ("single quotes", "{'item': 'roll'}", None, "That's Python, not JSON."),
]  # fmt: skip


def check_first_json(first_json):
    """The first complete object, whatever is around it; None where there is none."""
    for case, text, expected, hint in TEXTS:
        expect(f"{case}: {text!r}", call_plain(first_json, text), expected, hint)
    return f"{len(TEXTS)} texts read, with words, fences and braces around the object"
