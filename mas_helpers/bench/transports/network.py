"""The real network, with one connection pool for each event loop."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import anthropic
import httpx2

from ..time.loop import use_real_time

_Pool = tuple[httpx2.AsyncClient, AsyncGenerator[None, None]]


class NetworkTransport(httpx2.AsyncBaseTransport):
    """The real network for the async client, with one connection pool for each event loop.

    A pool belongs to the loop that opened it: a client that is used in two `run`s would otherwise
    meet closed connections every other time. Proxies of the environment are respected. It goes
    through aiohttp where that is installed (`pip install 'mas-helpers[fast]'`): with a thousand
    calls at once, the SDK's default spends most of its work in its pool (benchmarks/sockets.py).
    """

    def __init__(self) -> None:
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = (
            weakref.WeakKeyDictionary()
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        use_real_time()
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            client = new_pool()
            closer = _close_with_the_loop(client, self._clients)
            await anext(closer)
            self._clients[loop] = client, closer
            _open.setdefault(loop, set()).add(closer)
            weakref.finalize(self, _close_soon, weakref.ref(loop), closer).atexit = False
        client, _ = self._clients[loop]
        # not client.send: redirects, cookies and the line in the log are those of the SDK's client
        return await client._transport_for_url(request.url).handle_async_request(request)

    async def aclose(self) -> None:
        loop = asyncio.get_running_loop()
        _, closer = self._clients.pop(loop, (None, None))
        if closer is not None:
            await closer.aclose()
            _open[loop].discard(closer)


# of each loop: what closes its pools. A client may be dropped as its loop ends, when a task that
# closes its pool comes too late; what is listed here, the loop still closes itself
_open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, set[AsyncGenerator[None, None]]] = (
    weakref.WeakKeyDictionary()
)


def _close_soon(
    where: weakref.ref[asyncio.AbstractEventLoop], closer: AsyncGenerator[None, None]
) -> None:
    """Nobody has the client any more: closes its pool where the loop goes on."""
    loop = where()
    if loop is not None and not loop.is_closed():
        with contextlib.suppress(RuntimeError):  # it was closed meanwhile, from another thread
            loop.call_soon_threadsafe(_start_closing, loop, closer)


def _start_closing(loop: asyncio.AbstractEventLoop, closer: AsyncGenerator[None, None]) -> None:
    def forget(closing: asyncio.Future[None]) -> None:
        if not closing.cancelled():
            _open.get(loop, set()).discard(closer)

    asyncio.ensure_future(closer.aclose(), loop=loop).add_done_callback(forget)


def new_pool() -> httpx2.AsyncClient:
    """One of the SDK's two connection pools: over aiohttp where that is installed."""
    try:
        return anthropic.DefaultAioHttpClient()
    except RuntimeError:  # the SDK's way to say that it isn't
        return anthropic.DefaultAsyncHttpxClient()


async def _close_with_the_loop(
    client: httpx2.AsyncClient, clients: Any
) -> AsyncGenerator[None, None]:
    """A loop closes its async generators before it closes itself: the one moment to close its
    connections.
    """
    try:
        yield
    finally:
        clients.pop(asyncio.get_running_loop(), None)  # it holds on to its loop, and the loop to it
        await client.aclose()
