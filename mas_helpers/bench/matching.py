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
    same_shape = [e for e in exchanges if shape_of(e.request) == shape_of(request)]
    fits = [(e.agent == agent, turns_of(e.request) == turns_of(request)) for e in same_shape]
    best = [e for e, fit in zip(same_shape, fits, strict=True) if fit == max(fits)]
    words, body = words_of(request), _body(request)

    def closeness(exchange: Exchange) -> tuple[float, bool, float]:
        other = _body(exchange.request)
        room = -abs((other.get("max_tokens") or 0) - (body.get("max_tokens") or 0))
        return (
            likeness(words, words_of(exchange.request)),
            other.get("model") == body.get("model"),
            room,
        )

    closest = max(best, key=closeness, default=None)
    return closest, closeness(closest)[0] if closest else 0.0


def wrong_form(request: dict[str, Any]) -> str:
    """Why the API would refuse the request for its form; `""` where nothing is seen."""
    messages = _body(request).get("messages", [])
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return 'messages must be a list of messages, as in [{"role": "user", "content": "…"}]; the API would answer 400'
    return ""


def fields_of(request: dict[str, Any]) -> str:
    """What a reply must give, in words: `'the fields item, quantity'`, `'the tools search, read'`,
    or `'a text'`.
    """
    body = _body(request)
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema") or {}
    parts = (
        [f"the tools {', '.join(str(t.get('name')) for t in body['tools'])}"]
        if body.get("tools")
        else []
    )
    fields = [name + _words_allowed(field) for name, field in schema.get("properties", {}).items()]
    parts += [f"the fields {', '.join(fields)}"] if schema else []
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
    return [
        (_spoken(name), *_around_the_change(old.get(name, "(nothing)"), new.get(name, "(nothing)")))
        for name in names
    ]


def _spoken(place: str) -> str:
    """A place in a request as people call it: `'message 1'` for `messages[0].content`."""
    message = re.match(r"messages\[(\d+)\]\.content", place)
    return (
        f"message {int(message[1]) + 1}"
        if message
        else {"system": "system prompt"}.get(place, place)
    )


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
            k: _undescribed(v)
            for k, v in form.items()
            if k != "description" or not isinstance(v, str)
        }
    return [_undescribed(part) for part in form] if isinstance(form, list) else form


def turns_of(request: dict[str, Any]) -> list[Any]:
    """The turns without their words: `[["user", ["text"]], ["assistant", ["thinking", "tool_use"]],
    …]`.
    """
    body = _body(request)
    return [
        [m.get("role"), [b.get("type") for b in _blocks(m.get("content"))]]
        for m in body.get("messages", [])
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
    return (
        [b for b in content if isinstance(b, dict)]
        if isinstance(content, list)
        else [{"type": "text"}]
    )


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for k, v in value.items() if k not in _NOT_WORDS for s in _strings(v)]
    return [s for v in value for s in _strings(v)] if isinstance(value, list) else []


def _flat(body: Any, prefix: str = "") -> dict[str, str]:
    """A body as one text for each place: `{"system": "…", "messages[0].content": "…"}`."""
    if body in ({}, []):
        return {prefix or "body": json.dumps(body)}
    if isinstance(body, dict):
        pairs = [(f"{prefix}.{k}".lstrip("."), v) for k, v in body.items()]
    elif isinstance(body, list):
        pairs = [(f"{prefix}[{i}]", v) for i, v in enumerate(body)]
    else:
        return {
            prefix or "body": body if isinstance(body, str) else f"{json.dumps(body)} (no text)"
        }
    return {name: text for place, value in pairs for name, text in _flat(value, place).items()}


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
