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
from pathlib import Path

import anthropic
import httpx2

from .. import recordings
from ..recordings import KEPT_HEADERS, Exchange, Recording, Reply
from ..time.loop import use_real_time
from ..tracing.spans import current_agent
from .replay import request_of, response_of
from .streams import Chunks, LiveStream, events_of, tenth_since

Began = concurrent.futures.Future[httpx2.Response]


class RecordTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Asks the API and keeps what it answers; no header of a request is ever kept, so no key can
    be.

    Each request runs in a thread of its own: a caller that gives up (timeout, cancelled task) does
    not stop it, so the recording holds the whole reply and a replay can make the caller give up at
    the same moment.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._asked: Counter[str] = Counter()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limit = _limit(request)
        try:
            return self._start(request).result(limit)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no reply within {limit} s", request=request) from None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        use_real_time()
        limit = _limit(request)
        began = asyncio.wrap_future(self._start(request))
        # seen, when nobody waits any more
        began.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.wait_for(asyncio.shield(began), limit)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no reply within {limit} s", request=request) from None

    def _start(self, request: httpx2.Request) -> Began:
        asked = request_of(request)
        key = recordings.key_of(asked)
        k, self._asked[key] = self._asked[key], self._asked[key] + 1
        known = self.recorder.heard(key, k)
        began: Began = concurrent.futures.Future()
        if known:  # by an earlier client of this process: in replay both will hear the same
            began.set_result(response_of(known, request))
        else:
            self.recorder.ask(Exchange(current_agent(), asked, None), request, began)
        return began


class Recorder:
    """The recording that this process makes. The old file stays whole until `finish`."""

    open: dict[Path, Recorder] = {}

    @classmethod
    def of(cls, name: str, path: Path) -> Recorder:
        if path not in cls.open:
            cls.open[path] = cls(name, path)
        return cls.open[path]

    def __init__(self, name: str, path: Path) -> None:
        self.recording = Recording(name)
        self.path = path
        self.part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        # a folder that cannot be written: not after the first bill
        tempfile.TemporaryFile(dir=path.parent).close()
        self._client = anthropic.DefaultHttpxClient(timeout=600)
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._begun = False
        atexit.register(self.finish)

    def heard(self, key: str, k: int) -> Reply | None:
        same = [e for e in self.recording.exchanges if e.key == key]
        return same[k].reply if k < len(same) else None

    def ask(self, exchange: Exchange, request: httpx2.Request, began: Began) -> None:
        self.recording.exchanges.append(exchange)  # now, so that they stand in the order of arrival
        thread = threading.Thread(target=self._fetch, args=(exchange, request, began), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _fetch(self, exchange: Exchange, request: httpx2.Request, began: Began) -> None:
        start = time.perf_counter()
        try:
            with contextlib.closing(self._client.send(_patient(request), stream=True)) as response:
                if not self.recording.source:
                    self.recording.source = _source(response)
                headers = {
                    name: response.headers[name]
                    for name in KEPT_HEADERS
                    if name in response.headers
                }
                reply = Reply(response.status_code, tenth_since(start), headers)
                if headers.get("content-type", "").startswith("text/event-stream"):
                    chunks: Chunks = queue.SimpleQueue()
                    live = httpx2.Response(
                        reply.status, headers=headers, stream=LiveStream(chunks), request=request
                    )
                    began.set_result(live)
                    reply.events = events_of(response, chunks, start)
                    self._keep(exchange, reply)
                else:
                    _set_content(reply, response.read())
                    # the stand-in says how long it meant to take: a busy machine is no part of its
                    # model
                    reply.seconds = float(
                        response.headers.get("stand-in-seconds", tenth_since(start))
                    )
                    self._keep(exchange, reply)  # on the disk before anybody hears of it
                    began.set_result(response_of(reply, request))
        except Exception as error:
            if not began.done():
                began.set_exception(error)

    def _keep(self, exchange: Exchange, reply: Reply) -> None:
        exchange.reply = reply
        with self._lock:
            new = not self._begun
            with self.part.open("w" if new else "a", encoding="utf-8", newline="\n") as file:
                file.write(
                    (self.recording.head() + "exchanges:\n" if new else "")
                    + recordings.to_yaml([exchange])
                )
            self._begun = True

    def close(self) -> None:
        """Asks nothing more, waits for nothing, and leaves the file as it is."""
        self._client.close()
        atexit.unregister(self.finish)
        Recorder.open.pop(self.path, None)

    def finish(self) -> None:
        """Waits for the replies under way, then writes the file; what it held and was not asked
        again stays in it.
        """
        waiting = [t for t in self._threads if t.is_alive()]
        if waiting:
            print(
                f"Recording {self.recording.name}: {len(waiting)} replies still under way …",
                file=sys.stderr,
            )
        try:
            while any(thread.is_alive() for thread in waiting):
                time.sleep(0.1)  # on Windows, Ctrl-C reaches a sleep, but no join
        except KeyboardInterrupt:
            print("Not waiting any longer: these are not in the recording.", file=sys.stderr)
        self.close()
        made = [
            e
            for e in self.recording.exchanges
            if e.reply is not None and e.reply.status not in (401, 403)
        ]
        if not made:
            return
        old = recordings.load(self.path) if self.path.exists() else Recording(self.recording.name)
        answered = {e.key for e in made if e.reply.status < 400}
        # an error replaces no good reply
        made = [e for e in made if e.key in answered or e.key not in old.by_key]
        kept = [e for e in old.exchanges if all(e.key != new.key for new in made)]
        if kept and old.source != self.recording.source:
            self.recording.source = f"{self.recording.source}, {old.source}"
        self.recording.exchanges = made + kept
        self.recording.save(self.path)
        self.part.unlink(missing_ok=True)


def finish_all() -> list[Path]:
    """Writes every recording that this process is making: `[Path("recordings/ask.yaml")]`."""
    for path in (paths := list(Recorder.open)):
        Recorder.open[path].finish()
    return paths


def abandon_all() -> list[Path]:
    """Leaves the recordings as they were; the replies that came in stand in these files beside
    them.
    """
    for recorder in (recorders := list(Recorder.open.values())):
        recorder.close()
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


def _set_content(reply: Reply, content: bytes) -> None:
    try:
        reply.body = json.loads(content)
    except ValueError:
        reply.text = content.decode(errors="replace")


def _source(response: httpx2.Response) -> str:
    server = response.headers.get("server", "")
    return "stand-in" if server.startswith("stand-in") else response.request.url.host


def _limit(request: httpx2.Request) -> float | None:
    return request.extensions.get("timeout", {}).get("read")
