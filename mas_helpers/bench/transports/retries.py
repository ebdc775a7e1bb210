"""The SDK's retries: when each HTTP request of a call was made, how it ended, and the wait after
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2

from ..modes import ModeError
from ..time.stopwatch import stopwatch
from ..time.waits import clock_here, hold_up, pass_time
from ..tracing.spans import add_event, current_span, is_heard, now_ns
from ..tracing.usage import Billed, follow_body
from .replay import retries_of

NAMES = {
    "APITimeoutError": "timeout",
    "APIConnectionError": "no connection",
    "CancelledError": "cancelled",
    "ReadTimeout": "timeout",  # as a transport hears it
    "ConnectTimeout": "timeout",
    "ReadError": "no connection",
    "ConnectError": "no connection",
}
LONGEST = 4_294_967.0  # seconds, as the SDK waits at most when it is told how long


class Attempts(anthropic.Middleware):
    """Dates each HTTP request of a call on its span, with what its reply was billed for, and makes
    the waits between them predictable.

    The SDK waits 75 to 100 % of 0.5, 1, 2, 4, 8, 8 … s before a retry (anthropic 2.10, read and run
    2026-11-20), unless the API says how long, in seconds above 0. On the virtual clock it is always
    100 %, so that each run is the same; also after a `retry-after` of 0, and after a date, which
    has long passed when a replay reads it.
    """

    def __init__(self, *, offline: bool, is_real: bool = False, if_heard: bool = False) -> None:
        self.offline = offline  # nothing real is asked, so nobody has to wait really
        self.is_real = is_real  # what is asked makes a run real, so no wait is virtual
        self.if_heard = if_heard  # a call has a span only where somebody gets it

    def without_real_waits(self, client: anthropic.Anthropic) -> anthropic.Anthropic:
        """The client, with its waits between attempts left to this middleware while time is
        virtual.
        """
        wait = client._sleep_for_retry

        @functools.wraps(wait)
        def wait_if_real(**about: Any) -> None:
            if not self.offline or clock_here() is None:
                wait(**about)

        client._sleep_for_retry = wait_if_real  # type: ignore[method-assign]
        return client

    def handle(self, request: Any, call_next: Any) -> Any:
        if not self.offline and (watch := stopwatch.get()) is not None:
            watch.tick()
        if request.retries_taken and (rest := _rest_of_the_wait()):
            hold_up(rest)
        noted = not self.if_heard or is_heard()
        if not noted and clock_here() is None:
            return call_next(request)
        with _dated_attempt(request.retries_taken, noted) as attempt:
            attempt.response = call_next(request)
        if noted:
            _keep_usage(attempt.response)
        return attempt.response

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if asyncio._get_running_loop() is None:
            raise ModeError(
                "The clients of mas_helpers run on asyncio only, and this is another event loop "
                "(trio?). With anyio: anyio.run(main), or `anyio_backend` that is 'asyncio'."
            )
        if request.retries_taken and (rest := _rest_of_the_wait()):
            await pass_time(rest)
        noted = not self.if_heard or is_heard()
        if not noted and (self.is_real or clock_here() is None):
            return await call_next(request)
        with _dated_attempt(request.retries_taken, noted) as attempt:
            attempt.response = await call_next(request)
            attempt.fix_the_wait()
        if noted:
            _keep_usage(attempt.response)
        return attempt.response


class AttemptTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Does the same as Attempts for a client that takes no middleware, such as openai's, which
    waits by the same rule (openai 3.57, read and run 2026-11-27).
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        number = retries_of(request)
        if _note_retry(number) and (rest := _rest_of_the_wait()):
            hold_up(rest)
        with _dated_attempt(number) as attempt:
            attempt.response = self.inner.handle_request(request)
            attempt.fix_the_wait()
        response: httpx2.Response = attempt.response
        return response

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        number = retries_of(request)
        if _note_retry(number) and (rest := _rest_of_the_wait()):
            await pass_time(rest)
        with _dated_attempt(number) as attempt:
            attempt.response = await self.inner.handle_async_request(request)
            attempt.fix_the_wait()
        response: httpx2.Response = attempt.response
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()

    def close(self) -> None:
        self.inner.close()


def _note_retry(number: int) -> int:
    """The number itself, said on the span of the call as an SDK says it."""
    if number:
        current_span().set_attribute("http.request.resend_count", number)
    return number


def _keep_usage(response: Any) -> None:
    span = current_span()

    def keep(billed: Billed | None) -> None:
        if billed and span.is_recording():
            span.add_event("usage", {"usage": json.dumps(billed["usage"])})

    follow_body(response, keep)


# when the last attempt of this call ended, on the virtual clock, and how long to wait after it
_ended: contextvars.ContextVar[tuple[int, float]] = contextvars.ContextVar("ended")


class _OpenAttempt:
    response: Any = None

    def __init__(self, number: int) -> None:
        self.longest = min(0.5 * 2.0 ** min(number, 10), 8.0)

    @property
    def failure(self) -> str:
        if self.response is None or self.response.status_code < 400:
            return ""
        return str(self.response.status_code)

    @property
    def given_wait(self) -> float | None:
        """The seconds that the API said to wait; None if it gave none that the SDK obeys."""
        headers = self.response.headers if self.response is not None else {}
        for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
            with contextlib.suppress(KeyError, ValueError):
                seconds = float(headers[name]) * unit
                return min(seconds, LONGEST) if seconds > 0 else None
        return None

    @property
    def wait(self) -> float:
        return self.longest if self.given_wait is None else self.given_wait

    def fix_the_wait(self) -> None:
        """A date would mean a different wait at each run, so the SDK gets it as a number."""
        if self.failure and self.given_wait is None and clock_here() is not None:
            if "retry-after" in self.response.headers:
                self.response.headers["retry-after-ms"] = f"{self.wait * 1e3:g}"


@contextlib.contextmanager
def _dated_attempt(number: int, noted: bool = True) -> Iterator[_OpenAttempt]:
    began, attempt, failure = now_ns(), _OpenAttempt(number), ""
    try:
        yield attempt
        failure = attempt.failure
    except BaseException as error:
        failure = NAMES.get(type(error).__name__, type(error).__name__)
        raise
    finally:
        if (clock := clock_here()) is not None:
            _ended.set((clock.now_ns, attempt.wait))
        if noted:
            given = attempt.given_wait is not None
            add_event("attempt", began=began, failure=failure, wait_is_given=given)


def _rest_of_the_wait() -> float:
    """The seconds of the wait that the SDK hasn't waited yet; 0 in real time."""
    clock = clock_here()
    if clock is None:
        return 0.0
    ended_ns, wait = _ended.get((clock.now_ns, 0.0))
    return max(0.0, wait - (clock.now_ns - ended_ns) / 1e9)
