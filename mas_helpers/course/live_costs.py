"""What the recordings of the course would cost live."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ..bench import recordings
from ..bench.recordings import Exchange, Recording, Reply
from ..bench.tracing.call import input_tokens
from ..bench.tracing.cost import Cost, UnknownPrice, reply_cost
from ..bench.tracing.usage import Billed, StreamedUsage, billed_in


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
    """What the recorded calls would cost if the API were asked. What a model without a known price
    answered is priced as the model that was asked for; one without a price at all, as a model on
    this machine, costs nothing here.
    """
    replies = [exchange.reply for exchange in recording.exchanges if exchange.reply]
    billed = [one for one in map(billed_by, replies) if one]
    costs = [_cost_of(exchange) for exchange in recording.exchanges if exchange.reply]
    ends = [(r.events or [{"at": r.seconds}])[-1]["at"] for r in replies]
    return LiveCost(
        lesson=recording.name,
        calls=len(replies),
        input_tokens=sum(input_tokens(one["usage"]) for one in billed),
        output_tokens=sum(one["usage"]["output_tokens"] for one in billed),
        seconds=round(sum(ends), 6),
        cost_usd=sum(costs, Cost()),
    )


def _cost_of(exchange: Exchange) -> Cost:
    billed = billed_by(exchange.reply)
    if billed is None:
        return Cost()
    try:
        return reply_cost(billed["model"], billed["usage"])
    except UnknownPrice:
        asked = (exchange.request.get("body") or {}).get("model")
        with contextlib.suppress(UnknownPrice):
            return reply_cost(asked or "", billed["usage"])
        return Cost(unknown=(billed["model"],))


def billed_by(reply: Reply) -> Billed | None:
    """The model and usage of a reply; None if nothing is billed."""
    if reply.events is None:
        return billed_in(reply.body)
    streamed = StreamedUsage()
    for event in reply.events:
        streamed.feed(event.get("data", "").encode())
    streamed.feed(b"\n")
    return streamed.billed
