"""How alike two requests are: the nearest recorded one, and what differs."""

from __future__ import annotations

import difflib
import functools
import json
import re
from typing import Any

from .recordings import Exchange


def nearest(
    exchanges: list[Exchange], request: dict[str, Any], agent: str
) -> tuple[Exchange | None, float]:
    """The most similar exchange with the same endpoint, tools and schema, and how alike: 0.0 to
    1.0.

    Of those, by the same agent if there is one, then of the same turns, then the most alike in
    words, then of the same model and the nearest max_tokens. In a tool loop an edited first prompt
    changes every later request, so the turns say more than the words.
    """
    shape, turns, words, body = (
        shape_of(request),
        turns_of(request),
        words_of(request),
        _body(request),
    )

    def origin(exchange: Exchange) -> tuple[bool, bool]:
        return exchange.agent == agent, turns_of(exchange.request) == turns

    def closeness(exchange: Exchange) -> tuple[float, bool, int]:
        other = _body(exchange.request)
        alike = likeness(words, words_of(exchange.request))
        tokens_apart = abs((other.get("max_tokens") or 0) - (body.get("max_tokens") or 0))
        return alike, other.get("model") == body.get("model"), -tokens_apart

    same_shape = [exchange for exchange in exchanges if shape_of(exchange.request) == shape]
    if not same_shape:
        return None, 0.0
    # likeness takes long, so it is asked of those alone that are first in the rest
    best = max(map(origin, same_shape))
    closest = max((exchange for exchange in same_shape if origin(exchange) == best), key=closeness)
    return closest, likeness(words, words_of(closest.request))


def wrong_form(request: dict[str, Any]) -> str:
    """Why the API would refuse the request for its form; `""` where nothing is seen."""
    messages = _body(request).get("messages", [])
    if isinstance(messages, list) and all(isinstance(message, dict) for message in messages):
        return ""
    return (
        'messages must be a list of messages, as in [{"role": "user", "content": "…"}]; '
        "the API would answer 400"
    )


def fields_of(request: dict[str, Any]) -> str:
    """What a reply must give, in words: `'the fields item, quantity'`, `'the tools search, read'`,
    or `'a text'`.
    """
    body = _body(request)
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema") or {}
    parts = []
    if tools := body.get("tools"):
        parts.append(f"the tools {', '.join(str(tool.get('name')) for tool in tools)}")
    if schema:
        properties = schema.get("properties", {}).items()
        fields = [name + _words_allowed(field) for name, field in properties]
        parts.append(f"the fields {', '.join(fields)}")
    return " and ".join(parts) or "a text"


def _words_allowed(field: dict[str, Any]) -> str:
    return f" ({', '.join(map(str, field['enum']))})" if "enum" in field else ""


def differences(recorded: dict[str, Any], yours: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between two requests: `[("system prompt", "…in two sentences…", "…in three
    sentences…"), …]`.
    """
    old, new = _flat(recorded["body"]), _flat(yours["body"])
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    # ids differ by themselves
    names = [name for name in names if name.rsplit(".", 1)[-1] not in _NOT_WORDS]
    changes = []
    for name in names:
        before, after = old.get(name, "(nothing)"), new.get(name, "(nothing)")
        changes.append((_plain_name(name), *_around_the_change(before, after)))
    return changes


def _plain_name(field: str) -> str:
    """A field of a request as people call it: `'message 1'` for `messages[0].content`."""
    if message := re.match(r"messages\[(\d+)\]\.content", field):
        return f"message {int(message[1]) + 1}"
    return "system prompt" if field == "system" else field


def shape_of(request: dict[str, Any]) -> str:
    """What a reply must fit in any case: endpoint, tools, output schema, streamed or not."""
    body = _body(request)
    output = body.get("output_config") or {}
    fixed = [
        _undescribed(body.get("tools")),
        _undescribed(output.get("format")),
        bool(body.get("stream")),
    ]
    return json.dumps([request["method"], request["path"], *fixed], sort_keys=True)


def _undescribed(form: Any) -> Any:
    """Tools or a schema without their descriptions: those are words, and a reply fits whatever they
    say.
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
    return tuple(word for text in texts for word in text.split())


@functools.lru_cache(maxsize=4096)
def likeness(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    """How alike two texts are, 0.0 to 1.0: difflib's ratio over words; of very long ones that
    differ a lot, nearly.
    """
    total, short = len(words) + len(others), min(len(words), len(others))
    head = next((i for i in range(short) if words[i] != others[i]), short)
    tail = next((i for i in range(short - head) if words[-1 - i] != others[-1 - i]), short - head)
    old, new = words[head : len(words) - tail], others[head : len(others) - tail]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    inner = matcher.ratio() if len(old) * len(new) < 4_000_000 else matcher.quick_ratio()
    return (2 * (head + tail) + inner * (len(old) + len(new))) / total if total else 1.0


def percent(share: float) -> str:
    """`'91 %'`; never 100, for something did change."""
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


def _flat(body: Any, prefix: str = "") -> dict[str, str]:
    """A body as one text for each place: `{"system": "…", "messages[0].content": "…"}`."""
    if isinstance(body, str):
        return {prefix or "body": body}
    if body in ({}, []):
        return {prefix or "body": json.dumps(body)}
    if isinstance(body, dict):
        fields = [(f"{prefix}.{name}".lstrip("."), value) for name, value in body.items()]
    elif isinstance(body, list):
        fields = [(f"{prefix}[{index}]", value) for index, value in enumerate(body)]
    else:
        return {prefix or "body": f"{json.dumps(body)} (no text)"}
    return {name: text for field, value in fields for name, text in _flat(value, field).items()}


def _around_the_change(old: str, new: str, width: int = 70) -> tuple[str, str]:
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(start - 20, 0)
    return _cut(old, start, width), _cut(new, start, width)


def _cut(text: str, start: int, width: int) -> str:
    piece = " ".join(text[start : start + width].split())
    return ("…" if start else "") + piece + ("…" if start + width < len(text) else "")
