"""Files of replies: what may stand in one, and which entry answers a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from .messages_api import text_of
from .schema import mismatch

Entry = dict[str, Any]  # {"when": {"user": "paid twice"}, "replies": [{"text": "Sorry."}]}


def load(path: Path | str) -> list[Entry]:
    """The entries of a file, each with its place; ValueError names what is wrong, and where."""
    path = Path(path)
    return check_entries(path.as_posix(), yaml.safe_load(path.read_text(encoding="utf-8")))


def check_entries(source: str, entries: object) -> list[Entry]:
    """The entries, each with its place; ValueError names the place and what is wrong there."""
    if not isinstance(entries, list):
        raise ValueError(f"{source}: expected a list of entries, each with `when` and `replies`")
    # YAML makes a date of 2026-11-20, the author meant the text
    checked: list[Entry] = json.loads(json.dumps(entries, default=str))
    for number, entry in enumerate(checked, 1):
        agent = f" (agent {entry['agent']})" if isinstance(entry, dict) and "agent" in entry else ""
        where = f"{source}, entry {number}{agent}"
        if error := mismatch(entry, ENTRY):
            raise ValueError(f"{where}: {error.json_path} {error.message}")
        entry.update(source=source, where=where)
    return checked


def fits(when: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether all that an entry's `when` gives holds for this request."""
    system = text_of(body.get("system"))
    return (
        (
            "system" not in when
            or (when["system"].strip() in system if when["system"] else not system)
        )
        and when.get("first", "").strip() in text_of(body["messages"][0]["content"])
        and when.get("user", "").strip() in last_user_text(body)
        and when.get("model", body["model"]) == body["model"]
        and when.get("turns", len(body["messages"])) == len(body["messages"])
    )


def last_user_text(body: dict[str, Any]) -> str:
    """The text of the last message from the user, tool results included."""
    for message in reversed(body["messages"]):
        if message["role"] == "user":
            return text_of(message["content"])
    return ""


def no_entry_fits(body: dict[str, Any], sources: list[str]) -> str:
    """A request that nothing fits, in words: what it asked, and the files to add a reply to."""
    files = " or ".join(sources) or "its empty list of entries"
    return (
        f"The stand-in has no reply for this request to {body['model']} with "
        f"{len(body['messages'])} message(s). "
        f"System prompt: {text_of(body.get('system'))[:80]!r}. "
        f"Last user message: {last_user_text(body)[:120]!r}. "
        f"Add an entry whose `when` fits to {files}."
    )


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


TEXT: dict[str, Any] = {"type": "string"}
TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TOOL_USE = _object("name", "input", name=TEXT, input={"type": "object"})
BLOCK = _object(text=TEXT, tool_use=TOOL_USE) | {"minProperties": 1, "maxProperties": 1}
KINDS = {
    "text": TEXT,
    "json": {},
    "content": _list(BLOCK),
    "refusal": _object(category=TEXT_OR_NULL, explanation=TEXT_OR_NULL),
    "status": {"type": "integer", "minimum": 400},
    "expired": {"const": True},
}
OF_AN_ERROR = {
    "error": _object("type", "message", type=TEXT, message=TEXT),
    "headers": {"additionalProperties": TEXT},
}
OPTIONS = {
    "thinking_tokens": COUNT,
    "cached_tokens": COUNT,
    "seconds": {"type": "number", "minimum": 0},
    "stop_reason": TEXT,
}
REPLY = _object(**KINDS, **OF_AN_ERROR, **OPTIONS) | {
    "oneOf": [{"required": [kind]} for kind in KINDS],
    "dependentRequired": {"status": ["error"], "error": ["status"], "headers": ["status"]},
}
WHEN = _object(system=TEXT_OR_NULL, first=TEXT, user=TEXT, model=TEXT, turns=COUNT)
ENTRY = _object("replies", agent=TEXT, when=WHEN, replies=_list(REPLY))
