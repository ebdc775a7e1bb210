"""Faults at the wire: below the SDK, whose retries and errors are the real ones, above recordings
that stay clean.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx2
from anthropic import AnthropicError

from ..faults import Fault, FaultKind, ProcessKilled, Schedule, fault_schedule
from ..idle_faults import watch_idle_faults
from ..notices import show_note
from ..time.waits import hold_up, pass_time
from ..tracing.spans import add_event, call_under_way, current_agent, elapsed
from .streams import waits_of

Faults = Schedule | Sequence[Fault]
REJECTIONS: dict[FaultKind, tuple[int, str]] = {
    "rate_limited": (429, "rate_limit_error"),
    "overloaded": (529, "overloaded_error"),
    "server_error": (500, "api_error"),
}
LOGIN_PAGE = b"<!doctype html><title>Log in</title><p>Please log in to the network."
ERROR_EVENT = {
    "type": "error",
    "error": {"type": "overloaded_error", "message": "injected: error_in_stream"},
}
DELAYS: tuple[FaultKind, ...] = ("overloaded", "server_error", "reset", "slow")
SPOILERS: tuple[FaultKind, ...] = (
    "truncated",
    "refused",
    "empty",
    "malformed",
    "wrong_arguments",
    "unknown_tool",
    "not_a_message",
    "half_a_body",
    "no_fields",
    "error_in_stream",
)


class FaultTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Passes requests on to another transport, except those that a schedule has a fault for."""

    def __init__(self, inner: Any, schedule: Faults) -> None:
        self.inner = inner
        self.schedule = schedule if callable(schedule) else fault_schedule(schedule)
        self._calls: Counter[str] = Counter()
        self._numbers: dict[int, int] = {}
        self._lock = threading.Lock()
        self._ends: list[tuple[asyncio.AbstractEventLoop, AsyncIterator[None]]] = []
        self.listed: Sequence[Fault] = () if callable(schedule) else list(schedule)
        self.hit: list[Fault] = []

    def _next_fault(self, request: httpx2.Request) -> Fault | None:
        agent, attempt = current_agent(), int(request.headers.get("x-stainless-retry-count", 0)) + 1
        call = self._number_of_call(agent, attempt)
        fault = self.schedule(agent, call, attempt, elapsed())
        watch_idle_faults(self)
        if fault is not None:
            add_event("fault", kind=fault.kind)
            self.hit.append(fault)
        return fault

    @property
    def agents(self) -> list[str]:
        """The agents that made calls, in the order of their first one."""
        return [name for name in self._calls if name]

    def _number_of_call(self, agent: str, attempt: int) -> int:
        """1 for the agent's first call; the same in each attempt of a call, however many calls the
        agent makes at once. Without spans (`open_telemetry=False`) it goes by the last call.
        """
        span = call_under_way()
        with self._lock:
            if attempt == 1 or span not in self._numbers:
                self._calls[agent] += 1
                self._numbers[span] = self._calls[agent]
            return self._numbers[span]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response
        fault = self._next_fault(request)
        if fault is None:
            response = self.inner.handle_request(request)
            return response
        if fault.kind == "killed":
            hold_up(fault.wait)
            raise ProcessKilled(str(fault))
        for wait in waits_before(fault, request):
            hold_up(wait)
        if rejection := reject(fault, request):
            return rejection
        response = self.inner.handle_request(request)
        if fault.kind in SPOILERS and not breaks_stream(fault, response):
            return spoil_response(fault, response, response.read())
        return cut_response(fault, response)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response
        fault = self._next_fault(request)
        await self._look_at_the_end()
        if fault is None:
            response = await self.inner.handle_async_request(request)
            return response
        if fault.kind == "killed":  # whatever becomes of this call until then
            loop = asyncio.get_running_loop()
            if not fault.wait:
                kill_loop(loop, fault)
            loop.call_later(fault.wait, kill_loop, loop, fault)
        for wait in waits_before(fault, request):
            await pass_time(wait)
        if rejection := reject(fault, request):
            return rejection
        response = await self.inner.handle_async_request(request)
        if fault.kind in SPOILERS and not breaks_stream(fault, response):
            return spoil_response(fault, response, await response.aread())
        return cut_response(fault, response)

    async def _look_at_the_end(self) -> None:
        """Says, when the loop of this run ends, which faults are for an agent that nobody is.

        A loop closes its asynchronous generators at its end; that is the one sign it gives.
        """
        loop = asyncio.get_running_loop()
        if self.listed and all(loop is not watched for watched, _ in self._ends):
            self._ends.append((loop, self._until_the_end()))
            await anext(self._ends[-1][1])

    async def _until_the_end(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            idle = [fault for fault in self.listed if fault not in self.hit]
            for note in mistyped(idle, self.agents):
                show_note(note)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def close(self) -> None:
        self.inner.close()


def mistyped(idle: Sequence[Fault], agents: Sequence[str]) -> list[str]:
    """A sentence for each fault that hit nothing and whose agent is almost a real name."""
    notes = []
    for fault in idle:
        near = difflib.get_close_matches(fault.agent, agents, n=1, cutoff=0.75)
        if near and fault.agent not in agents:
            nobody = f"no agent {fault.agent!r} made a call. Is it {near[0]!r}?"
            notes.append(f"The fault {fault.kind!r} hit nothing: {nobody}")
    return notes


_killed: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()


def kill_loop(loop: asyncio.AbstractEventLoop, fault: Fault) -> None:
    """Ends a run here and now, but only once: what is left of it is being cancelled then. Raises
    ProcessKilled.
    """
    has_ended = getattr(loop, "_stopping", False)  # in this very moment
    if loop not in _killed and not has_ended:
        _killed.add(loop)
        raise ProcessKilled(str(fault))


def waits_before(fault: Fault, request: httpx2.Request) -> Iterator[float]:
    """The seconds before anything arrives, no longer than the SDK's own timeout allows."""
    if fault.kind == "timeout":
        yield from waits_of(float("inf"), request)
    elif fault.kind in DELAYS:
        yield from waits_of(fault.wait, request)


def reject(fault: Fault, request: httpx2.Request) -> httpx2.Response | None:
    """The error that comes without asking the API; None if the API is asked after all. Raises
    ReadError for a connection that breaks.
    """
    if fault.kind == "reset":
        raise httpx2.ReadError("the connection was reset", request=request)
    if fault.kind not in REJECTIONS:
        return None
    status, error_type = REJECTIONS[fault.kind]
    headers = {"retry-after": f"{fault.wait:g}"} if fault.kind == "rate_limited" else {}
    body = {"type": "error", "error": {"type": error_type, "message": f"injected: {fault.kind}"}}
    return httpx2.Response(status, headers=headers, json=body, request=request)


def cut_response(fault: Fault, response: httpx2.Response) -> httpx2.Response:
    """The API's own answer; if it is to be cut, the part before its end, or ReadError."""
    if breaks_stream(fault, response):
        response.stream = CutStream(response, fault)
    elif fault.kind == "cut_stream":
        raise broken_connection(response.request)
    return response


def breaks_stream(fault: Fault, response: httpx2.Response) -> bool:
    """True if the answer is a stream that should end early."""
    return fault.kind in ("cut_stream", "error_in_stream") and is_stream(response)


def is_stream(response: httpx2.Response) -> bool:
    content_type: str = response.headers.get("content-type", "")
    return content_type.startswith("text/event-stream")


def broken_connection(request: httpx2.Request) -> httpx2.ReadError:
    return httpx2.ReadError("the connection broke in the middle of the reply", request=request)


class CutStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that breaks off this many seconds after it began, and always before it is complete;
    its last event is an error of the API, if the fault says so.
    """

    def __init__(self, response: httpx2.Response, fault: Fault) -> None:
        self.stream: Any = response.stream
        self.request, self.seconds = response.request, fault.wait
        self.says_error = fault.kind == "error_in_stream"

    def __iter__(self) -> Iterator[bytes]:
        began = elapsed()
        for chunk in self.stream:
            if elapsed() - began >= self.seconds:
                break
            yield chunk
        yield self._last()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        began = elapsed()
        async for chunk in self.stream:
            if elapsed() - began >= self.seconds:
                break
            yield chunk
        yield self._last()

    def _last(self) -> bytes:
        """The event of an error; without one the connection breaks."""
        if not self.says_error:
            raise broken_connection(self.request)
        return f"event: error\ndata: {json.dumps(ERROR_EVENT)}\n\n".encode()


def spoil_response(fault: Fault, response: httpx2.Response, content: bytes) -> httpx2.Response:
    """The API's answer, spoiled; it costs the same. An error of the API stays as it is. Raises
    AnthropicError for a stream.
    """
    if is_stream(response):
        raise AnthropicError(f"{fault.kind} cannot be put into a streamed reply; cut_stream can")
    if response.status_code != 200:
        return response
    kept = ("content-type", "request-id")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    if fault.kind == "not_a_message":
        headers["content-type"] = "text/html"
        body = LOGIN_PAGE
    elif fault.kind == "half_a_body":
        body = content[: len(content) // 2]
    else:
        body = json.dumps(spoil(json.loads(content), fault.kind)).encode()
    return httpx2.Response(200, headers=headers, content=body, request=response.request)


def spoil(message: dict[str, Any], kind: FaultKind) -> dict[str, Any]:
    """A message as if it had been cut, refused, left empty, or filled in wrongly."""
    if "choices" in message:
        return _spoil_completion(message, kind)
    content = [dict(block) for block in message.get("content", [])]
    if kind == "refused":
        return message | {"content": [], "stop_reason": "refusal"}
    if kind == "empty":
        return message | {"content": [], "stop_reason": "end_turn"}
    if kind == "wrong_arguments":
        return message | {"content": [_with_wrong_arguments(block) for block in content]}
    if kind == "unknown_tool":
        asked = {"type": "tool_use", "id": "toolu_injected", "name": "no_such_tool", "input": {}}
        return message | {"content": [asked], "stop_reason": "tool_use"}
    if kind == "no_fields":
        empty = [block | {"text": None} for block in content if block["type"] == "text"]
        return message | {"content": empty, "usage": None}
    if kind == "error_in_stream":
        return ERROR_EVENT
    if kind == "truncated":
        texts = [_halve(block) for block in content if block["type"] != "tool_use"]
        return message | {"content": texts, "stop_reason": "max_tokens"}
    if kind == "malformed" and is_json(content):
        return message | {"content": [_halve(block) for block in content]}
    return message  # of a text without a form nobody could tell


def _spoil_completion(completion: dict[str, Any], kind: FaultKind) -> dict[str, Any]:
    """The same for a chat completion."""
    choice = dict(completion["choices"][0])
    said = dict(choice["message"])
    text, calls = said.get("content") or "", said.get("tool_calls") or []
    asked = [{**call, "function": dict(call["function"])} for call in calls]
    if kind == "refused":
        choice["finish_reason"], said = "content_filter", said | {"content": None}
    elif kind == "empty":
        choice["finish_reason"], said = "stop", said | {"content": ""}
    elif kind == "wrong_arguments":
        for call in asked:
            call["function"]["arguments"] = '{"no_such_argument": true}'
    elif kind == "unknown_tool":
        function = {"name": "no_such_tool", "arguments": "{}"}
        asked = [{"id": "call_injected", "type": "function", "function": function}]
        choice["finish_reason"], said = "tool_calls", said | {"content": None}
    elif kind == "no_fields":
        return completion | {"choices": [choice | {"message": None}], "usage": None}
    elif kind == "error_in_stream":
        return ERROR_EVENT
    elif kind == "truncated":
        choice["finish_reason"], said = "length", said | {"content": text[: len(text) // 2]}
    elif kind == "malformed" and is_json([{"text": text}]):
        said["content"] = text[: len(text) // 2]
    if asked and kind not in ("refused", "empty", "truncated"):
        said["tool_calls"] = asked
    elif calls:
        said.pop("tool_calls")
    return completion | {"choices": [choice | {"message": said}]}


def _with_wrong_arguments(block: dict[str, Any]) -> dict[str, Any]:
    return block | {"input": {"no_such_argument": True}} if block["type"] == "tool_use" else block


def _halve(block: dict[str, Any]) -> dict[str, Any]:
    if block["type"] != "text":
        return block
    text = block["text"]
    return block | {"text": text[: len(text) // 2]}


def is_json(content: list[dict[str, Any]]) -> bool:
    """True if the texts of a message are JSON when joined."""
    try:
        json.loads("".join(block.get("text", "") for block in content))
    except ValueError:
        return False
    return True
