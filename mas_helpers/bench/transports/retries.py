"""The HTTP requests of each call: when, with what end, and how long the SDK waited before the next."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import anthropic

from ..time.loop import is_virtual
from ..tracing.spans import add_event, events_named, now_ns

NAMES = {
    "APITimeoutError": "timeout",
    "APIConnectionError": "no connection",
    "CancelledError": "cancelled",
}


class Attempts(anthropic.Middleware):
    """Dates each HTTP request of a call on its span, and takes the chance out of the waits between
    them.

    The SDK waits 75 to 100 % of 0.5, 1, 2, 4, 8, 8 … s before a retry (anthropic 2.10, read and run
    2026-11-20), unless the API says how long. On the virtual clock it is the whole of that, so that
    a run is the same each time.
    """

    def handle(self, request: Any, call_next: Any) -> Any:
        with _dated() as said:
            response = call_next(request)
            said(response)
            return response

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if request.retries_taken and is_virtual():
            await asyncio.sleep(_rest_of_the_wait(request.retries_taken))
        with _dated() as said:
            response = await call_next(request)
            said(response)
            return response


@contextlib.contextmanager
def _dated() -> Iterator[Callable[[Any], None]]:
    began, given = now_ns(), {"failure": "", "told": False}

    def said(response: Any) -> None:
        given["failure"] = "" if response.status_code < 400 else str(response.status_code)
        given["told"] = any(name in response.headers for name in ("retry-after", "retry-after-ms"))

    try:
        yield said
    except BaseException as error:
        given["failure"] = NAMES.get(type(error).__name__, type(error).__name__)
        raise
    finally:
        add_event("attempt", began=began, **given)


def _rest_of_the_wait(retries: int) -> float:
    *_, last = events_named("attempt") or [None]
    if last is None or last.attributes["told"]:
        return 0.0
    return max(0.0, min(0.5 * 2 ** (retries - 1), 8.0) - (now_ns() - last.timestamp) / 1e9)
