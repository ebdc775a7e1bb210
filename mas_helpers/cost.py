"""Dollars: from the usage that the API reports and the price table of genai-prices; no price is written here."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic.types import Message

from . import recordings
from .calls import Call
from .recordings import Recording, Reply
from .trace import Trace


class UnknownPrice(LookupError):
    """genai-prices does not know the model."""


@dataclass(frozen=True)
class LiveCost:
    """What the calls of one recording would take live. `seconds` is their sum, one after the other."""

    lesson: str
    calls: int
    input_tokens: int
    output_tokens: int
    seconds: float
    cost_usd: float


def cost_usd(spent: Message | Call | Trace) -> float:
    """What a message, a call or a whole trace cost, in dollars, as in 0.00042.

    A message is priced in full. A call knows the tokens that its span carries: cache writes count at the price of
    five minutes, and web searches are not in it. Raises UnknownPrice. Source of the prices: genai-prices, offline.
    """
    if isinstance(spent, Trace):
        return sum(cost_usd(call) for call in spent.calls)
    if isinstance(spent, Call):
        return _call_price(
            spent.model, spent.input_tokens, spent.output_tokens, spent.cache_read_tokens, spent.cache_write_tokens
        )
    return _usage_price({"model": spent.model, "usage": spent.usage.model_dump(exclude_none=True)})


def live_cost(folder: Path | str) -> list[LiveCost]:
    """One LiveCost for each recording in the folder, in the order of the lessons."""
    return [cost_of_recording(recordings.load(path)) for path in sorted(Path(folder).glob("*.yaml"))]


def cost_of_recording(recording: Recording) -> LiveCost:
    """What the recorded calls would cost if they were made again."""
    replies = [exchange.reply for exchange in recording.exchanges if exchange.reply]
    billed = [message for message in map(message_of, replies) if message]
    ends = [(r.events or [{"at": r.seconds}])[-1]["at"] for r in replies]
    return LiveCost(
        lesson=recording.lesson,
        calls=len(replies),
        input_tokens=sum(_input_tokens(m["usage"]) for m in billed),
        output_tokens=sum(m["usage"]["output_tokens"] for m in billed),
        seconds=round(sum(ends), 6),
        cost_usd=sum(_usage_price(m) for m in billed),
    )


def message_of(reply: Reply) -> dict[str, Any] | None:
    """The model and usage of a reply, `{"model": "claude-haiku-5-5", "usage": {…}}`; None where nothing is billed."""
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


def _usage_price(message: dict[str, Any]) -> float:
    from genai_prices import extract_usage

    try:
        return float(extract_usage(message, provider_id="anthropic").calc_price().total_price)
    except LookupError:
        raise _unknown(message["model"]) from None


@functools.lru_cache(maxsize=4096)
def _call_price(model: str, input_tokens: int, output_tokens: int, cache_read: int, cache_write: int) -> float:
    from genai_prices import Usage, calc_price

    if not input_tokens and not output_tokens:  # a call that failed
        return 0.0
    cached = {"cache_read_tokens": cache_read, "cache_write_tokens": cache_write}
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, **cached)
    try:
        return float(calc_price(usage, model_ref=model, provider_id="anthropic").total_price)
    except LookupError:
        raise _unknown(model) from None


def _unknown(model: str) -> UnknownPrice:
    return UnknownPrice(f"No price is known for {model!r}. Is the name right? Newer ones: pip install -U genai-prices")
