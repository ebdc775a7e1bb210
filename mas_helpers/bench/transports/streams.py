"""Streamed bodies: a recorded one at its recorded times, a live one as it comes, and the waits that
both share.
"""

from __future__ import annotations

import asyncio
import base64
import queue
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2

from ..recordings import Reply
from ..time.waits import hold_up, pass_time

Chunks = queue.SimpleQueue[bytes | Exception | None]


class RecordedStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A streamed body, each event at its recorded second."""

    def __init__(self, reply: Reply, request: httpx2.Request) -> None:
        self.reply, self.request = reply, request

    def _steps(self) -> Iterator[tuple[Iterator[float], dict[str, Any]]]:
        elapsed = self.reply.seconds
        for event in self.reply.events or []:
            yield waits_of(round(event["at"] - elapsed, 6), self.request), event
            elapsed = event["at"]

    def __iter__(self) -> Iterator[bytes]:
        for waits, event in self._steps():
            for wait in waits:
                hold_up(wait)
            yield self._bytes_of(event)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for waits, event in self._steps():
            for wait in waits:
                await pass_time(wait)
            yield self._bytes_of(event)

    def _bytes_of(self, event: dict[str, Any]) -> bytes:
        if "broken" in event:
            raise broken_connection(event["broken"], self.request)
        return bytes_of(event.get("data"), event.get("base64"))


def bytes_of(text: str | None, encoded: str | None) -> bytes:
    """What a connection delivers: text, or bytes that are recorded as base64."""
    return base64.b64decode(encoded) if encoded is not None else (text or "").encode()


def text_or_base64(content: bytes, text: str = "data") -> dict[str, str]:
    """Bytes as recorded: `{"data": "event: …"}`, or `{"base64": "…"}` if they aren't text."""
    try:
        return {text: content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def broken_connection(name: str, request: httpx2.Request) -> httpx2.RequestError:
    """The httpx2 error that occurred when this was recorded."""
    error: type[httpx2.RequestError] = getattr(httpx2, name)
    return error("the connection broke here when this was recorded", request=request)


def waits_of(seconds: float, request: httpx2.Request) -> Iterator[float]:
    """How long to wait, and the SDK's own read timeout if that is shorter: a transport sees it only
    here.
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
    """The seconds after which the SDK stops waiting; None if it never does."""
    limit: float | None = request.extensions.get("timeout", {}).get("read")
    return limit


class LiveStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A streamed body passed from the recording thread to the caller as it arrives."""

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


# two line ends in a row, each of the three kinds that server-sent events may have
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")


def events_of(
    response: httpx2.Response, chunks: Chunks, start: float, said: Callable[[bytes], bytes]
) -> tuple[list[dict[str, Any]], httpx2.RequestError | None]:
    """The stream as it came, in whole events: `[{"at": 1.9, "data": "event: …"}, …]`, and the error
    of a connection that broke. `said` changes what is kept and passed on.
    """
    events: list[dict[str, Any]] = []
    pending, broken = b"", None

    def hand_on(content: bytes) -> None:
        if content:
            content = said(content)
            chunks.put(content)
            _add_event(events, tenth_since(start), content)

    try:
        for chunk in response.iter_bytes():
            pending += chunk
            ends = [match.end() for match in _BLANK_LINE.finditer(pending)]
            if _is_binary(response):
                ends = [len(pending)]
            if ends:
                hand_on(pending[: ends[-1]])
                pending = pending[ends[-1] :]
        hand_on(pending)
    except httpx2.RequestError as error:
        hand_on(pending)
        events.append({"at": tenth_since(start), "broken": type(error).__name__})
        broken = error
    return events, broken


def is_stream(response: httpx2.Response) -> bool:
    """True for anything that comes event by event: server-sent events, Bedrock's binary ones."""
    kind = response.headers.get("content-type", "")
    return kind.startswith("text/event-stream") or _is_binary(response)


def _is_binary(response: httpx2.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.startswith("application/vnd.amazon.eventstream")


def _add_event(events: list[dict[str, Any]], at: float, content: bytes) -> None:
    event = text_or_base64(content) if content else {}
    if events and events[-1]["at"] == at and "data" in events[-1] and "data" in event:
        events[-1]["data"] += event["data"]
    elif event:
        events.append({"at": at, **event})


def tenth_since(start: float) -> float:
    """Seconds since the start, to a tenth: smaller differences come from the network, not the
    model.
    """
    return round(time.perf_counter() - start, 1)
