"""The SDK's retries: when each HTTP request of a call was made, how it ended, the wait after."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import anthropic

from ..time.loop import is_virtual
from ..tracing.spans import add_event, current_span, events_named, now_ns
from ..tracing.usage import Billed, follow_body

NAMES = {
    "APITimeoutError": "timeout",
    "APIConnectionError": "no connection",
    "CancelledError": "cancelled",
}


class Attempts(anthropic.Middleware):
    """Dates each HTTP request of a call on its span, with what its reply was billed for, and takes
    the chance out of the waits between them.

    The SDK waits 75 to 100 % of 0.5, 1, 2, 4, 8, 8 … s before a retry (anthropic 2.10, read and run
    2026-11-20), unless the API says how long. On the virtual clock it is the whole of that, so that
    a run is the same each time.
    """

    def handle(self, request: Any, call_next: Any) -> Any:
        with _dated_attempt() as attempt:
            attempt.response = call_next(request)
        _keep_usage(attempt.response)
        return attempt.response

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if request.retries_taken and is_virtual():
            await asyncio.sleep(_rest_of_the_wait(request.retries_taken))
        with _dated_attempt() as attempt:
            attempt.response = await call_next(request)
        _keep_usage(attempt.response)
        return attempt.response


def _keep_usage(response: Any) -> None:
    span = current_span()

    def keep(billed: Billed | None) -> None:
        if billed and span.is_recording():
            span.add_event("usage", {"usage": json.dumps(billed["usage"])})

    follow_body(response, keep)


class _OpenAttempt:
    response: Any = None

    @property
    def failure(self) -> str:
        if self.response is None or self.response.status_code < 400:
            return ""
        return str(self.response.status_code)

    @property
    def wait_is_given(self) -> bool:
        """True where the API said how long to wait before the next attempt."""
        headers = self.response.headers if self.response is not None else {}
        return "retry-after" in headers or "retry-after-ms" in headers


@contextlib.contextmanager
def _dated_attempt() -> Iterator[_OpenAttempt]:
    began, attempt, failure = now_ns(), _OpenAttempt(), ""
    try:
        yield attempt
        failure = attempt.failure
    except BaseException as error:
        failure = NAMES.get(type(error).__name__, type(error).__name__)
        raise
    finally:
        add_event("attempt", began=began, failure=failure, wait_is_given=attempt.wait_is_given)


def _rest_of_the_wait(retries: int) -> float:
    """The seconds of the longest wait that the SDK has not waited yet."""
    attempts = events_named("attempt")
    if not attempts or attempts[-1].attributes["wait_is_given"]:
        return 0.0
    waited = (now_ns() - attempts[-1].timestamp) / 1e9
    longest = min(0.5 * 2.0 ** (retries - 1), 8.0)
    return max(0.0, longest - waited)
