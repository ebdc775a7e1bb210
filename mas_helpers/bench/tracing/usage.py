"""What a reply was billed for, read from the HTTP response as it passes, whole or streamed."""

from __future__ import annotations

import contextlib
import json
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx2

Usage = Mapping[str, Any]  # as the API sends it: {"input_tokens": 12, "output_tokens": 3, …}
Billed = dict[str, Any]  # {"model": "claude-haiku-5-5", "usage": {…}}


def billed_in(message: Any) -> Billed | None:
    """The model and the usage in a message's JSON; None if nothing is billed."""
    if not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
        return None
    if "model" not in message:
        return None
    usage = message["usage"]
    return {"model": message["model"], "usage": _as_messages(usage) or usage}


def _as_messages(usage: Usage) -> dict[str, Any] | None:
    """The usage of a chat completion as the Messages API counts it; None for any other."""
    if not isinstance(usage.get("prompt_tokens"), int):
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return {
        "input_tokens": usage["prompt_tokens"] - cached,
        "cache_read_input_tokens": cached,
        "output_tokens": usage.get("completion_tokens") or 0,
    }


class StreamedUsage:
    """`.billed` is what the events of a stream have said so far; `.is_over` is True once they've
    said all.
    """

    def __init__(self) -> None:
        self.billed: Billed | None = None
        self.is_over = False
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Reads the next piece of the stream, wherever it was cut."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:") and (b'"usage"' in line or b'"message_stop"' in line):
                self._read(line[5:])

    def _read(self, data: bytes) -> None:
        try:
            event = json.loads(data)
        except ValueError:
            return  # a broken stream is the SDK's to name
        kind = event.get("type") if isinstance(event, dict) else None
        if kind == "message_start":
            self.billed = billed_in(event.get("message"))
        elif kind == "message_delta" and self.billed:
            told = {name: value for name, value in (event.get("usage") or {}).items() if value}
            self.billed = {**self.billed, "usage": {**self.billed["usage"], **told}}
        self.is_over = self.is_over or kind == "message_stop"


def follow_body(response: Any, on_end: Callable[[Billed | None], None]) -> None:
    """Calls `on_end` once, with what the reply was billed for: now, if its body is there; otherwise
    when the body has been read, closed, interrupted or dropped. A stream is billed for what it
    reported.
    """
    http = getattr(response, "http_response", None)
    if not isinstance(http, httpx2.Response) or http.status_code >= 400:
        on_end(None)
    elif not http.is_closed:
        _follow_open_body(http, _OpenBody(http.headers, on_end))
    else:
        with contextlib.suppress(httpx2.ResponseNotRead):
            return on_end(_billed_in_body(http.headers, http.content))
        on_end(None)


def _billed_in_body(headers: Mapping[str, str], body: bytes) -> Billed | None:
    if headers.get("content-type", "").startswith("text/event-stream"):
        streamed = StreamedUsage()
        streamed.feed(body + b"\n")
        return streamed.billed
    try:
        return billed_in(json.loads(body))
    except ValueError:
        return None


class _OpenBody:
    """A body that is about to be read."""

    def __init__(self, headers: Mapping[str, str], on_end: Callable[[Billed | None], None]) -> None:
        self._headers, self._on_end = headers, on_end
        self._streamed, self._whole, self._has_ended = StreamedUsage(), bytearray(), False

    def feed(self, chunk: bytes) -> None:
        if self._headers.get("content-type", "").startswith("text/event-stream"):
            self._streamed.feed(chunk)
            if self._streamed.is_over:  # nobody may read or close it from here on
                self.end()
        else:
            self._whole += chunk

    def end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            whole = _billed_in_body(self._headers, bytes(self._whole)) if self._whole else None
            self._on_end(whole or self._streamed.billed)


def _follow_open_body(http: httpx2.Response, body: _OpenBody) -> None:
    """Watches while the response is read. Two methods read its decoded bytes, and there are two
    ways for it to end, so those are wrapped on this one response: `stream` has the raw bytes.
    """
    read, read_async, close, close_async = (
        http.iter_bytes,
        http.aiter_bytes,
        http.close,
        http.aclose,
    )

    def iter_bytes(chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in read(chunk_size):
            body.feed(chunk)
            yield chunk

    async def aiter_bytes(chunk_size: int | None = None) -> AsyncIterator[bytes]:
        async with contextlib.aclosing(read_async(chunk_size)) as chunks:
            async for chunk in chunks:
                body.feed(chunk)
                yield chunk

    def close_and_end() -> None:
        body.end()
        close()

    async def aclose_and_end() -> None:
        body.end()
        await close_async()

    vars(http).update(
        iter_bytes=iter_bytes, aiter_bytes=aiter_bytes, close=close_and_end, aclose=aclose_and_end
    )
    weakref.finalize(http, body.end).atexit = False
