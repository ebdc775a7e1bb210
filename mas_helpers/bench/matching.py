"""How alike two requests are: finds the nearest recorded one, and what differs."""

from __future__ import annotations

import copy
import dataclasses
import difflib
import heapq
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import anthropic

from .recordings import Exchange, Recording

COMPARED = 5  # of so many, those with the most pairs of words in common, the words are compared


def nearest(
    exchanges: list[Exchange], request: dict[str, Any], agent: str
) -> tuple[Exchange | None, float]:
    """The most similar exchange, and how alike it is, from 0.0 to 1.0; None if there are none.

    Exchanges with the same endpoint come first, then those of the same form (only such a reply
    `fits`); among those, the same agent, then the same turns, then the most similar words, then the
    same model and the nearest max_tokens. In a tool loop, an edited first prompt changes every
    later request, so the turns say more than the words.
    """
    turns, words, body = turns_of(request), words_of(request), _body(request)
    pairs = _pairs(words)

    def origin(exchange: Exchange) -> tuple[bool, ...]:
        other = exchange.request
        return (
            other["method"] == request["method"] and _path(other) == _path(request),
            fits(exchange, request),
            exchange.agent == agent,
            turns_of(other) == turns,
        )

    def settings(exchange: Exchange) -> tuple[bool, int]:
        other = _body(exchange.request)
        tokens_apart = abs((other.get("max_tokens") or 0) - (body.get("max_tokens") or 0))
        return other.get("model") == body.get("model"), -tokens_apart

    def overlap(exchange: Exchange) -> tuple[float, bool, int]:
        theirs = _pairs(words_of(exchange.request))
        both = len(pairs) + len(theirs)
        return (2 * len(pairs & theirs) / both if both else 1.0, *settings(exchange))

    def closeness(exchange: Exchange) -> tuple[float, bool, int]:
        return (likeness(words, words_of(exchange.request)), *settings(exchange))

    if not exchanges:
        return None, 0.0
    origins = [(origin(exchange), exchange) for exchange in exchanges]
    best = max(found for found, _ in origins)
    same = [exchange for found, exchange in origins if found == best]
    closest = max(heapq.nlargest(COMPARED, same, key=overlap), key=closeness)
    return closest, likeness(words, words_of(closest.request))


def _path(request: dict[str, Any]) -> str:
    return str(request["path"]).partition("?")[0]


def _pairs(words: tuple[str, ...]) -> set[tuple[str, str]]:
    """Each word with the one before it."""
    return set(zip(("", *words), words, strict=False))


Normalize = Callable[[dict[str, Any]], dict[str, Any]]


def normalized(request: dict[str, Any], normalize: Normalize | None) -> dict[str, Any]:
    """The request as it is matched and recorded; what is sent doesn't change. Raises
    AnthropicError, which the SDK neither wraps nor retries.
    """
    if normalize is None:
        return request
    try:
        changed = normalize(copy.deepcopy(request))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise anthropic.AnthropicError(f"normalize_request failed: {problem}") from error
    if not isinstance(changed, dict) or changed.keys() != request.keys():
        raise anthropic.AnthropicError(
            f"normalize_request returned {str(changed)[:60]!r}; it must return the request that it "
            "was given, changed: {'method': …, 'path': …, 'body': …}."
        )
    return changed


def normalized_recording(recording: Recording, normalize: Normalize | None) -> Recording:
    """The recording with its requests as they are matched; the recording itself if nothing changes
    them. The same function changes each recording only once.
    """
    if normalize is None:
        return recording
    function, made = recording.__dict__.get("_normalized", (None, recording))
    if function is not normalize:
        exchanges = [
            Exchange(exchange.agent, normalized(exchange.request, normalize), exchange.reply)
            for exchange in recording.exchanges
        ]
        made = dataclasses.replace(recording, exchanges=exchanges)
        recording.__dict__["_normalized"] = normalize, made
    return cast(Recording, made)


def wrong_form(request: dict[str, Any]) -> str:
    """Why the API would refuse the request for its form; `""` if nothing looks wrong."""
    messages = _body(request).get("messages", [])
    if isinstance(messages, list) and all(isinstance(message, dict) for message in messages):
        return ""
    return (
        'messages must be a list of messages, as in [{"role": "user", "content": "…"}]; '
        "the API would answer 400"
    )


def fields_of(request: dict[str, Any]) -> str:
    """What a reply has to contain, in words: `'the fields item, quantity'`, `'the tools search,
    read'`, or `'a text'`.
    """
    body = _body(request)
    output = _output_format(body) or {}
    schema = output.get("schema") or output.get("json_schema", {}).get("schema") or {}
    parts = []
    if tools := body.get("tools"):
        names = (str({**tool, **tool.get("function", {})}.get("name")) for tool in tools)
        parts.append(f"the tools {', '.join(names)}")
    if schema:
        properties = schema.get("properties", {}).items()
        fields = [name + _words_allowed(field) for name, field in properties]
        parts.append(f"the fields {', '.join(fields)}")
    return " and ".join(parts) or "a text"


def _words_allowed(field: dict[str, Any]) -> str:
    return f" ({', '.join(map(str, field['enum']))})" if "enum" in field else ""


@dataclass(frozen=True)
class Difference:
    """One place where two requests differ, such as `messages[0].content`; ABSENT stands for a value
    that only the other one has.
    """

    place: str
    recorded: Any
    yours: Any

    def lines(self) -> list[str]:
        """The place and both values; for long texts, the words around the first change."""
        if self.recorded is ABSENT:
            return [f"{self.place}: only in the request: {shown(self.yours)}"]
        if self.yours is ABSENT:
            return [f"{self.place}: only in the recording: {shown(self.recorded)}"]
        recorded, yours, start = self.values()
        where = f"{self.place}, from character {start + 1:,}" if start else self.place
        return [where, f"  recorded: {recorded}", f"  yours:    {yours}"]

    def values(self, width: int = 70) -> tuple[str, str, int]:
        """Both values, and where they start to differ: 0 for short values and for anything that
        isn't text.
        """
        old, new = self.recorded, self.yours
        if not (isinstance(old, str) and isinstance(new, str)):
            return shown(old, width), shown(new, width), 0
        change = 0 if max(len(old), len(new)) <= width else _first_change(old, new)
        start = max(change - 20, 0)
        old_words, new_words = _cut(old, start, width), _cut(new, start, width)
        if old_words == new_words:  # they differ in spaces
            old_words, new_words = (ascii(text[start : start + width]) for text in (old, new))
        return old_words, new_words, change


class _Absent:
    def __repr__(self) -> str:
        return "(nothing)"


ABSENT = _Absent()


def differences(recorded: dict[str, Any], yours: dict[str, Any]) -> list[Difference]:
    """Where two requests differ, first place first: method, path, query, then the body, with its
    messages last.
    """
    (path, _, query), (other_path, _, other_query) = (
        str(request["path"]).partition("?") for request in (recorded, yours)
    )
    ends = [
        ("method", recorded["method"], yours["method"]),
        ("path", path, other_path),
        ("query", query or ABSENT, other_query or ABSENT),
    ]
    found = [Difference(*end) for end in ends if end[1] != end[2]]
    return [*found, *_differences(recorded["body"], yours["body"], "")]


def _differences(old: Any, new: Any, place: str) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        names = sorted({**new, **old}, key=lambda name: not place and name == "messages")
        for name in names:
            yield from _differences(
                old.get(name, ABSENT), new.get(name, ABSENT), f"{place}.{name}".lstrip(".")
            )
    elif isinstance(old, list) and isinstance(new, list):
        inner = [
            difference
            for index, a, b in _aligned(old, new)
            for difference in _differences(a, b, f"{place}[{index}]")
        ]
        if not inner and _json(old) != _json(new):  # the same ones in another order
            inner = [Difference(place, list(_by_name(old) or old), list(_by_name(new) or new))]
        yield from inner
    elif _json(old) != _json(new):
        yield Difference(place or "body", old, new)


def _aligned(old: list[Any], new: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """The parts of two lists that belong together: tools by their names, everything else by
    position.
    """
    mine, theirs = _by_name(new), _by_name(old)
    if mine is None or theirs is None:
        for index, (a, b) in enumerate(itertools.zip_longest(old, new, fillvalue=ABSENT)):
            yield index, a, b
        return
    for index, (name, part) in enumerate(mine.items()):
        yield index, theirs.get(name, ABSENT), part
    for index, (name, part) in enumerate(theirs.items()):
        if name not in mine:
            yield index, part, ABSENT


def _by_name(parts: list[Any]) -> dict[str, Any] | None:
    """The parts by their names; None if any of them has no name of its own."""
    named = {
        part["name"]: part
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("name"), str)
    }
    return named if len(named) == len(parts) else None


def _json(value: Any) -> str:
    """A value as text, the same for the same JSON: 1, 1.0 and true are three different values."""
    return str(value) if value is ABSENT else json.dumps(value, sort_keys=True)


def shown(value: Any, width: int = 70) -> str:
    """A value in one line, cut."""
    if value is ABSENT or isinstance(value, str):
        return _cut(str(value), 0, width)
    return _cut(json.dumps(value, ensure_ascii=False), 0, width)


def plain_names(changes: list[Difference]) -> list[str]:
    """The places in words, `["system prompt", "message 1"]`, each once; ids are left out, because
    they always differ.
    """
    places = [change.place for change in changes]
    return list(
        dict.fromkeys(
            _plain_name(place) for place in places if place.rsplit(".", 1)[-1] not in _NOT_WORDS
        )
    )


def _plain_name(field: str) -> str:
    """A field of a request as people call it: `'message 1'` for `messages[0].content`."""
    if message := re.match(r"messages\[(\d+)\]", field):
        return f"message {int(message[1]) + 1}"
    return "system prompt" if field == "system" else field


def fits(exchange: Exchange, request: dict[str, Any]) -> bool:
    """True if the reply makes sense for the request: same endpoint, tools and output schema, and
    both streamed or both not.
    """
    recorded, asked = _form(exchange.request), _form(request)
    return recorded == asked or _undescribed(recorded) == _undescribed(asked)


def _form(request: dict[str, Any]) -> list[Any]:
    body = _body(request)
    return [
        request["method"],
        request["path"],
        body.get("tools"),
        _output_format(body),
        bool(body.get("stream")),
    ]


def _output_format(body: dict[str, Any]) -> Any:
    """What an answer must look like, in the Messages API and in chat completions."""
    return (body.get("output_config") or {}).get("format") or body.get("response_format")


def _undescribed(form: Any) -> Any:
    """Tools or a schema without their descriptions: those are words, and a reply fits no matter
    what they say.
    """
    if isinstance(form, dict):
        return {
            name: _undescribed(value)
            for name, value in form.items()
            if name != "description" or not isinstance(value, str)
        }
    if isinstance(form, list):
        return [_undescribed(part) for part in form]
    return form


def turns_of(request: dict[str, Any]) -> list[Any]:
    """The turns without their words: `[["user", ["text"]], ["assistant", ["thinking", "tool_use"]],
    …]`.
    """
    return [
        [message.get("role"), [block.get("type") for block in _blocks(message.get("content"))]]
        for message in _body(request).get("messages", [])
    ]


def words_of(request: dict[str, Any]) -> tuple[str, ...]:
    """Every word of the system prompt and the messages, in order."""
    body = request["body"] if isinstance(request["body"], dict) else {"messages": request["body"]}
    texts = [*_strings(body.get("system")), *_strings(body.get("messages"))]
    return tuple(itertools.chain.from_iterable(map(str.split, texts)))


def likeness(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    """How alike two texts are, from 0.0 to 1.0: difflib's ratio over words; for long texts, where
    that would take seconds, the share of three-word runs that they have in common.
    """
    total, short = len(words) + len(others), min(len(words), len(others))
    head = next((i for i in range(short) if words[i] != others[i]), short)
    tail = next((i for i in range(short - head) if words[-1 - i] != others[-1 - i]), short - head)
    old, new = words[head : len(words) - tail], others[head : len(others) - tail]
    if len(old) * len(new) < 250_000:
        inner = difflib.SequenceMatcher(None, old, new).ratio()
    else:
        inner = _share_of_runs(old, new)
    return (2 * (head + tail) + inner * (len(old) + len(new))) / total if total else 1.0


def _share_of_runs(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    runs, theirs = (
        Counter(zip(text, text[1:], text[2:], strict=False)) for text in (words, others)
    )
    both = runs.total() + theirs.total()
    return 2 * (runs & theirs).total() / both if both else 0.0


def percent(share: float) -> str:
    """`'91 %'`; never 100, because something did change."""
    return f"{min(int(share * 100), 99)} %"


_NOT_WORDS = ("role", "type", "id", "tool_use_id", "signature", "cache_control")


def _body(request: dict[str, Any]) -> dict[str, Any]:
    return request["body"] if isinstance(request["body"], dict) else {}


def _blocks(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [block for block in content if isinstance(block, dict)]
    return [{"type": "text"}]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [part for name, part in value.items() if name not in _NOT_WORDS]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return []


def _first_change(old: str, new: str) -> int:
    """Where two texts start to differ: the first character that isn't the same."""
    return next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )


def _cut(text: str, start: int, width: int) -> str:
    piece = " ".join(text[start : start + width].split())
    return ("…" if start else "") + piece + ("…" if start + width < len(text) else "")
