"""Streamed bodies: a recorded one at its recorded times, a live one as it comes, and the waits both
share.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2

from ..recordings import Reply

Chunks = queue.SimpleQueue[bytes | Exception | None]


class RecordedStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A streamed body, each event at its recorded second."""

    def __init__(self, reply: Reply, request: httpx2.Request) -> None:
        self.reply, self.request = reply, request

    def _steps(self) -> Iterator[tuple[list[float] | Iterator[float], bytes]]:
        elapsed = self.reply.seconds
        for event in self.reply.events or []:
            yield waits_of(round(event["at"] - elapsed, 6), self.request), event["data"].encode()
            elapsed = event["at"]

    def __iter__(self) -> Iterator[bytes]:
        for waits, data in self._steps():
            for wait in waits:
                time.sleep(wait)
            yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for waits, data in self._steps():
            for wait in waits:
                await asyncio.sleep(wait)
            yield data


def waits_of(seconds: float, request: httpx2.Request) -> Iterator[float]:
    """How long to wait, and the SDK's own read timeout when that is shorter: it reaches a transport
    only here.
    """
    limit = read_timeout(request)
    if limit is None or seconds < limit:
        yield max(seconds, 0.0)
        return
    yield limit
    raise httpx2.ReadTimeout(
        f"no reply within {limit} s (the recorded one took {seconds} s)", request=request
    )


def read_timeout(request: httpx2.Request) -> float | None:
    """The seconds after which the SDK gives up waiting; None where it does not."""
    limit: float | None = request.extensions.get("timeout", {}).get("read")
    return limit


class LiveStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A streamed body handed from the recording thread to the caller as it arrives."""

    def __init__(self, chunks: Chunks) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := _chunk(self.chunks.get())) is not None:
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := _chunk(await asyncio.to_thread(self.chunks.get))) is not None:
            yield chunk


def _chunk(item: bytes | Exception | None) -> bytes | None:
    if isinstance(item, Exception):
        raise item
    return item


def events_of(response: httpx2.Response, chunks: Chunks, start: float) -> list[dict[str, Any]]:
    """The stream as it came, whole events together: `[{"at": 1.9, "data": "event: …"}, …]`."""
    events: list[dict[str, Any]] = []
    pending = b""
    try:
        for chunk in response.iter_bytes():
            chunks.put(chunk)
            events_so_far, gap, pending = (pending + chunk).rpartition(b"\n\n")
            _add_event(events, tenth_since(start), events_so_far + gap)
        _add_event(events, tenth_since(start), pending)
        chunks.put(None)
    except Exception as error:
        chunks.put(error)
        raise
    return events


def _add_event(events: list[dict[str, Any]], at: float, data: bytes) -> None:
    if events and data and events[-1]["at"] == at:
        events[-1]["data"] += data.decode(errors="replace")
    elif data:
        events.append({"at": at, "data": data.decode(errors="replace")})


def tenth_since(start: float) -> float:
    """Seconds since the start, to a tenth: what varies below that is the network, not the model."""
    return round(time.perf_counter() - start, 1)
