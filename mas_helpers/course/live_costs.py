"""What the recordings of the course would cost live."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bench import recordings
from ..bench.recordings import Recording, Reply
from ..bench.tracing.cost import _usage_price


@dataclass(frozen=True)
class LiveCost:
    """What the calls of one recording would take live; `seconds` is their sum."""

    lesson: str
    calls: int
    input_tokens: int
    output_tokens: int
    seconds: float
    cost_usd: float


def live_cost(folder: Path | str) -> list[LiveCost]:
    """One LiveCost for each recording in the folder, in the order of the lessons."""
    return [
        cost_of_recording(recordings.load(path)) for path in sorted(Path(folder).glob("*.yaml"))
    ]


def cost_of_recording(recording: Recording) -> LiveCost:
    """What the recorded calls would cost if they were made again."""
    replies = [exchange.reply for exchange in recording.exchanges if exchange.reply]
    billed = [message for message in map(message_of, replies) if message]
    ends = [(r.events or [{"at": r.seconds}])[-1]["at"] for r in replies]
    return LiveCost(
        lesson=recording.name,
        calls=len(replies),
        input_tokens=sum(_input_tokens(m["usage"]) for m in billed),
        output_tokens=sum(m["usage"]["output_tokens"] for m in billed),
        seconds=round(sum(ends), 6),
        cost_usd=sum(_usage_price(m) for m in billed),
    )


def message_of(reply: Reply) -> dict[str, Any] | None:
    """The model and usage of a reply, `{"model": "claude-haiku-5-5", "usage": {…}}`; None where
    nothing is billed.
    """
    if reply.events is None:
        body = reply.body
        return body if isinstance(body, dict) and "usage" in body and "model" in body else None
    message: dict[str, Any] = {}
    for line in "".join(event["data"] for event in reply.events).splitlines():
        data = json.loads(line[5:]) if line.startswith("data:") else {}
        if data.get("type") == "message_start":
            message = {"model": data["message"]["model"], "usage": dict(data["message"]["usage"])}
        if data.get("type") == "message_delta" and message:
            message["usage"].update(data.get("usage") or {})
    return message or None


def _input_tokens(usage: dict[str, Any]) -> int:
    parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(usage.get(part) or 0 for part in parts)
