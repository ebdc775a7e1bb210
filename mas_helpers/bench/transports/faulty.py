"""Faults at the wire: below the SDK, whose retries and errors are the real ones, above recordings
that stay clean.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx2
from anthropic import AnthropicError

from ..faults import Fault, Schedule, fault_schedule
from ..tracing.spans import add_event, call_under_way, current_agent, elapsed
from .streams import waits_of

Faults = Schedule | Sequence[Fault]
REJECTED = {
    "rate_limited": (429, "rate_limit_error"),
    "overloaded": (529, "overloaded_error"),
    "server_error": (500, "api_error"),
}


class FaultTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Lets requests through to another transport, but for those that a schedule has a fault for."""

    def __init__(self, inner: Any, schedule: Faults) -> None:
        self.inner = inner
        self.schedule = schedule if callable(schedule) else fault_schedule(schedule)
        self._calls: Counter[str] = Counter()
        self._numbers: dict[int, int] = {}
        self._lock = threading.Lock()

    def _fault(self, request: httpx2.Request) -> Fault | None:
        agent, attempt = current_agent(), int(request.headers.get("x-stainless-retry-count", 0)) + 1
        with self._lock:
            # the same in each attempt of a call, however many calls the agent makes at once
            span = call_under_way()
            if attempt == 1 or span not in self._numbers:
                self._calls[agent] += 1
                self._numbers[span] = self._calls[agent]
            call = self._numbers[span]
        fault = self.schedule(agent, call, attempt, elapsed())
        if fault is not None:
            add_event("fault", kind=fault.kind)
        return fault

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        fault = self._fault(request)
        if fault is None:
            return self.inner.handle_request(request)
        for wait in waits_before(fault, request):
            time.sleep(wait)
        if answer := instead(fault, request):
            return answer
        response = self.inner.handle_request(request)
        return (
            changed(fault, response, response.read())
            if fault.kind in SPOILED
            else late(fault, response)
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        fault = self._fault(request)
        if fault is None:
            return await self.inner.handle_async_request(request)
        for wait in waits_before(fault, request):
            await asyncio.sleep(wait)
        if answer := instead(fault, request):
            return answer
        response = await self.inner.handle_async_request(request)
        return (
            changed(fault, response, await response.aread())
            if fault.kind in SPOILED
            else late(fault, response)
        )

    async def aclose(self) -> None:
        await self.inner.aclose()

    def close(self) -> None:
        self.inner.close()


def waits_before(fault: Fault, request: httpx2.Request) -> Iterator[float]:
    """The seconds before anything comes, no longer than the SDK's own timeout lets them be."""
    if fault.kind == "timeout":
        yield from waits_of(float("inf"), request)
    elif fault.kind in ("overloaded", "server_error", "reset", "slow"):
        yield from waits_of(fault.wait, request)


def instead(fault: Fault, request: httpx2.Request) -> httpx2.Response | None:
    """What comes in place of the API's answer; None where that is asked for after all."""
    if fault.kind == "reset":
        raise httpx2.ReadError("the connection was reset", request=request)
    if fault.kind not in REJECTED:
        return None
    status, name = REJECTED[fault.kind]
    headers = {"retry-after": f"{fault.wait:g}"} if fault.kind == "rate_limited" else {}
    body = {"type": "error", "error": {"type": name, "message": f"injected: {fault.kind}"}}
    return httpx2.Response(status, headers=headers, json=body, request=request)


SPOILED = ("truncated", "refused", "empty", "malformed", "wrong_arguments")


def late(fault: Fault, response: httpx2.Response) -> httpx2.Response:
    """The API's own answer; if it is to be cut, what comes before its end."""
    if fault.kind == "cut_stream" and not is_stream(response):
        raise cut_off(response.request)
    if fault.kind == "cut_stream":
        response.stream = CutStream(response, fault.wait)
    return response


def is_stream(response: httpx2.Response) -> bool:
    return response.headers.get("content-type", "").startswith("text/event-stream")


def cut_off(request: httpx2.Request) -> httpx2.ReadError:
    return httpx2.ReadError("the connection broke in the middle of the reply", request=request)


class CutStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that breaks off so many seconds after it began, and in any case before it is whole."""

    def __init__(self, response: httpx2.Response, seconds: float) -> None:
        self.stream, self.request, self.seconds = response.stream, response.request, seconds

    def __iter__(self) -> Iterator[bytes]:
        began = elapsed()
        for chunk in self.stream:
            if elapsed() - began >= self.seconds:
                break
            yield chunk
        raise cut_off(self.request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        began = elapsed()
        async for chunk in self.stream:
            if elapsed() - began >= self.seconds:
                break
            yield chunk
        raise cut_off(self.request)


def changed(fault: Fault, response: httpx2.Response, content: bytes) -> httpx2.Response:
    """The API's answer, spoiled; it costs what it cost."""
    if is_stream(response):
        raise AnthropicError(f"{fault.kind} cannot be put into a streamed reply; cut_stream can")
    if response.status_code != 200:
        return response
    message = spoiled(json.loads(content), fault.kind)
    headers = {
        name: response.headers[name]
        for name in ("content-type", "request-id")
        if name in response.headers
    }
    return httpx2.Response(200, headers=headers, json=message, request=response.request)


def spoiled(message: dict[str, Any], kind: str) -> dict[str, Any]:
    """A message as it would be had it been cut, refused, left empty, or filled in wrongly."""
    if kind in ("refused", "empty"):
        return message | {
            "content": [],
            "stop_reason": "refusal" if kind == "refused" else "end_turn",
        }
    content = [dict(block) for block in message.get("content", [])]
    if kind == "malformed" and not is_json(content):
        return message  # of a text without a form nobody could tell
    for block in content:
        if kind == "wrong_arguments" and block["type"] == "tool_use":
            block["input"] = {"no_such_argument": True}
        if kind in ("truncated", "malformed") and block["type"] == "text":
            block["text"] = block["text"][: len(block["text"]) // 2]
    if kind == "truncated":
        content = [block for block in content if block["type"] != "tool_use"]
        return message | {"content": content, "stop_reason": "max_tokens"}
    return message | {"content": content}


def is_json(content: list[dict[str, Any]]) -> bool:
    try:
        json.loads("".join(block.get("text", "") for block in content))
    except ValueError:
        return False
    return True
