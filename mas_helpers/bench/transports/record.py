"""Record: ask the API over the network, and keep what it answers."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import json
import queue
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import httpx2

from .. import recordings
from ..matching import Normalize, normalized
from ..recordings import KEPT_HEADERS, Exchange, Recording, Reply
from ..time.loop import use_real_time
from ..tracing.spans import current_agent
from .replay import request_of, response_of
from .streams import Chunks, LiveStream, events_of, read_timeout, tenth_since

ResponseFuture = concurrent.futures.Future[httpx2.Response]


class RecordTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Asks the API and keeps what it answers; no header of a request is ever kept, so no key can
    be.

    Each request runs in a thread of its own: a caller that gives up (timeout, cancelled task) does
    not stop it, so the recording holds the whole reply and a replay can make the caller give up at
    the same moment.
    """

    def __init__(self, recorder: Recorder, normalize: Normalize | None = None) -> None:
        self.recorder = recorder
        self._normalize = normalize
        self._asked: Counter[str] = Counter()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limit = read_timeout(request)
        try:
            return self._start(request).result(limit)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no reply within {limit} s", request=request) from None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        use_real_time()
        limit = read_timeout(request)
        response = asyncio.wrap_future(self._start(request))
        # its error is looked at here, for the case that nobody waits for it any more
        response.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.wait_for(asyncio.shield(response), limit)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no reply within {limit} s", request=request) from None

    def _start(self, request: httpx2.Request) -> ResponseFuture:
        plain = normalized(request_of(request), self._normalize)
        key = recordings.key_of(plain)
        k = self._asked[key]
        self._asked[key] += 1
        reply = self.recorder.reply_to(key, k)
        response: ResponseFuture = concurrent.futures.Future()
        if (
            reply is not None
        ):  # an earlier client of this process asked: in replay both get the same
            response.set_result(response_of(reply, request))
        else:
            self.recorder.ask(PendingExchange(current_agent(), plain, key), request, response)
        return response


@dataclass
class PendingExchange:
    """A request that was sent; `reply` is None until the whole of it has come."""

    agent: str
    request: dict[str, Any]
    key: str
    reply: Reply | None = None


class Recorder:
    """The recording that this process makes under one name. The old file stays whole until
    `finish`.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.path = path
        self.part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        # a folder that cannot be written: not after the first bill
        tempfile.TemporaryFile(dir=path.parent).close()
        self._new = Recording(name)
        self._exchanges: list[PendingExchange] = []  # in the order of arrival
        self._client = anthropic.DefaultHttpxClient(timeout=600)
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._part_begun = False
        atexit.register(self.finish)

    def reply_to(self, key: str, k: int) -> Reply | None:
        """The reply to the k-th request (from 0) of that key, where one came already."""
        same = [exchange for exchange in self._exchanges if exchange.key == key]
        return same[k].reply if k < len(same) else None

    def ask(
        self, exchange: PendingExchange, request: httpx2.Request, response: ResponseFuture
    ) -> None:
        """Asks the API in a thread of its own; the response is set as soon as its head is there."""
        self._exchanges.append(exchange)
        arguments = (exchange, request, response)
        thread = threading.Thread(target=self._fetch, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _fetch(
        self, exchange: PendingExchange, request: httpx2.Request, response: ResponseFuture
    ) -> None:
        start = time.perf_counter()
        try:
            with contextlib.closing(self._client.send(_patient(request), stream=True)) as answer:
                if not self._new.source:
                    self._new.source = _source(answer)
                headers = {
                    name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers
                }
                reply = Reply(answer.status_code, tenth_since(start), headers)
                if headers.get("content-type", "").startswith("text/event-stream"):
                    chunks: Chunks = queue.SimpleQueue()
                    response.set_result(_live_response(reply, chunks, request))
                    reply.events = events_of(answer, chunks, start)
                    self._keep(exchange, reply)
                else:
                    _set_content(reply, answer.read())
                    # the stand-in says how long it meant to take: a busy machine is no part of its
                    # model
                    meant = answer.headers.get("stand-in-seconds")
                    reply.seconds = float(meant) if meant else tenth_since(start)
                    self._keep(exchange, reply)  # on the disk before anybody hears of it
                    response.set_result(response_of(reply, request))
        except Exception as error:
            if not response.done():
                response.set_exception(error)

    def _keep(self, pending: PendingExchange, reply: Reply) -> None:
        pending.reply = reply
        text = recordings.to_yaml([Exchange(pending.agent, pending.request, reply)])
        with self._lock:
            if not self._part_begun:
                text = self._new.head() + "exchanges:\n" + text
            mode = "a" if self._part_begun else "w"
            with self.part.open(mode, encoding="utf-8", newline="\n") as file:
                file.write(text)
            self._part_begun = True

    def abandon(self) -> None:
        """Asks nothing more, waits for nothing, and leaves the file as it is; the replies that came
        stay in `part` beside it.
        """
        self._client.close()
        atexit.unregister(self.finish)
        if _under_way.get(self.path) is self:
            del _under_way[self.path]

    def finish(self) -> bool:
        """True once the file is written; what it held and was not asked again stays in it. It waits
        for the replies under way. False where no reply came.
        """
        self._wait_for_replies()
        self.abandon()  # nothing more is asked; below, the file is written after all
        exchanges = self._worth_keeping()
        if not exchanges:
            return False
        old = recordings.load(self.path) if self.path.exists() else Recording(self._new.name)
        _merge(self._new, exchanges, old)
        self._new.save(self.path)
        self.part.unlink(missing_ok=True)
        return True

    def _wait_for_replies(self) -> None:
        running = [thread for thread in self._threads if thread.is_alive()]
        if running:
            waiting = f"Recording {self._new.name}: {len(running)} replies still under way …"
            print(waiting, file=sys.stderr)
        try:
            while any(thread.is_alive() for thread in running):
                time.sleep(0.1)  # on Windows, Ctrl-C reaches a sleep, but no join
        except KeyboardInterrupt:
            print("Not waiting any longer: these are not in the recording.", file=sys.stderr)

    def _worth_keeping(self) -> list[Exchange]:
        """What was answered; that a key was refused says nothing of the system that asked."""
        return [
            Exchange(pending.agent, pending.request, pending.reply)
            for pending in self._exchanges
            if pending.reply is not None and pending.reply.status not in (401, 403)
        ]


def _merge(new: Recording, exchanges: list[Exchange], old: Recording) -> None:
    """Fills the new recording: first what was asked now, then what only the old one has. An error
    replaces no good reply.
    """
    answered = {exchange.key for exchange in exchanges if exchange.reply.status < 400}
    asked = [e for e in exchanges if e.key in answered or e.key not in old.by_key]
    keys = {exchange.key for exchange in asked}
    kept = [exchange for exchange in old.exchanges if exchange.key not in keys]
    if kept and old.source != new.source:
        new.source = f"{new.source}, {old.source}"
    new.exchanges = asked + kept


# The recordings that this process is making. A file is written as a whole, once, so the clients of
# one path, in whatever cells or tests they are made, must share its recorder; what connect()
# returns is the SDK's client, which has no place for it.
_under_way: dict[Path, Recorder] = {}


def recorder_of(name: str, path: Path) -> Recorder:
    """The recorder of that file, begun now if this process has none."""
    if path not in _under_way:
        _under_way[path] = Recorder(name, path)
    return _under_way[path]


def finish_all() -> list[Path]:
    """Writes every recording that this process is making: `[Path("recordings/ask.yaml")]`."""
    recorders = list(_under_way.values())
    for recorder in recorders:
        recorder.finish()
    return [recorder.path for recorder in recorders]


def abandon_all() -> list[Path]:
    """Leaves the recordings as they were; the replies that came in stand in these files beside
    them.
    """
    recorders = list(_under_way.values())
    for recorder in recorders:
        recorder.abandon()
    return [recorder.part for recorder in recorders if recorder.part.exists()]


def _patient(request: httpx2.Request) -> httpx2.Request:
    """The same request, uncompressed and with time: the caller's timeout is the caller's, not the
    recording's.
    """
    headers = {**request.headers, "accept-encoding": "identity"}
    patience = {"timeout": {"connect": 30.0, "read": 600.0, "write": 30.0, "pool": 600.0}}
    return httpx2.Request(
        request.method, request.url, headers=headers, content=request.content, extensions=patience
    )


def _live_response(reply: Reply, chunks: Chunks, request: httpx2.Request) -> httpx2.Response:
    stream = LiveStream(chunks)
    return httpx2.Response(reply.status, headers=reply.headers, stream=stream, request=request)


def _set_content(reply: Reply, content: bytes) -> None:
    try:
        reply.body = json.loads(content)
    except ValueError:
        reply.text = content.decode(errors="replace")


def _source(response: httpx2.Response) -> str:
    server: str = response.headers.get("server", "")
    return "stand-in" if server.startswith("stand-in") else response.request.url.host
