"""Record: ask the API over the network, and keep what it answers."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import functools
import json
import queue
import re
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import httpx2

from .. import recordings
from ..counting import ClientCount, Counts
from ..matching import Normalize, normalized
from ..recordings import (
    Exchange,
    Recording,
    RecordingError,
    Reply,
    kept_headers,
    load_shared,
    to_yaml,
)
from ..secrets import SecretFilter, credentials_in
from ..time.loop import use_real_time
from ..tracing.spans import current_agent
from . import part
from .replay import request_of, response_of, unbroken
from .streams import (
    Chunks,
    LiveStream,
    events_of,
    is_stream,
    read_timeout,
    tenth_since,
    text_or_base64,
)

ResponseFuture = concurrent.futures.Future[httpx2.Response]


class RecordTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Asks the API and keeps what it answers. It never keeps a request header, so no key can end up
    in a file.

    Each request runs in a thread of its own: if the caller gives up (timeout, cancelled task), the
    request goes on, so the recording holds the whole reply, and a replay can make the caller give
    up at the same moment.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        normalize: Normalize | None = None,
        *,
        client: ClientCount | None = None,
        not_secret: Iterable[str] = (),
    ) -> None:
        self.name, self.path = name, path
        self._normalize = normalize
        self._client = client or ClientCount()
        self._filter = SecretFilter(not_secret)
        recorder_of(name, path)  # a folder that can't be written: not after the first bill

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
        try:
            plain = normalized(request_of(request), self._normalize)
            recorder = recorder_of(self.name, self.path)
            return recorder.reply_to(plain, request, self._client, self._filter)
        except anthropic.AnthropicError:
            raise
        except Exception as error:  # the SDK would ask again for anything else
            raise RecordingError(
                f"{self.path}: the request can't be recorded ({type(error).__name__}: {error}). "
                "It was not sent."
            ) from error


@dataclass
class PendingExchange:
    """A request that was sent; `reply` is None until all of it has arrived."""

    agent: str
    request: dict[str, Any]
    key: str
    reply: Reply | None = None
    # what an earlier recording paid for is part of this one once it is asked for
    asked: bool = True


class Recorder:
    """The recording that this process makes under one name. The old file stays whole until
    `finish`.

    What is paid for is in `part` from the moment it arrives until it is in the file. If an earlier
    recording was interrupted, what it left there is taken over: it isn't asked again.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.path = path
        self.part = part.part_of(path)
        self._new = Recording(name)
        self._exchanges: list[PendingExchange] = []  # in the order of arrival
        self._by_key: defaultdict[str, list[PendingExchange]] = defaultdict(list)
        self._counts = Counts()
        self._lock = threading.RLock()
        self._failure: RecordingError | None = None  # once something can't be kept
        self._left = 0
        self._secrets: list[str] = []  # where there was one in a reply
        self._before = load_shared(path).exchanges if path.exists() else []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path.parent).close()
            with part.locked(path):
                earlier = part.take_up(path)
        except OSError as error:
            raise RecordingError(
                f"{path} can't be written, so nothing is asked ({error})."
            ) from error
        self._new.source = earlier.source
        for old in earlier.exchanges:
            self._append(PendingExchange(old.agent, old.request, old.key, old.reply, asked=False))
        self._taken_up = len(self._exchanges)
        if self._taken_up:
            print(f"Recording {name}: {self.taken_up()}", file=sys.stderr)
        self._client = anthropic.DefaultHttpxClient(timeout=600)
        self._threads: list[threading.Thread] = []
        atexit.register(self._finish_at_exit)

    def taken_up(self) -> str:
        """What an earlier recording left, in words; `""` if it left nothing."""
        if not self._taken_up:
            return ""
        replies = "1 reply" if self._taken_up == 1 else f"{self._taken_up} replies"
        return (
            f"{replies} of one that was broken off taken up from {self.part.name}, not paid again"
        )

    def left_in_the_file(self) -> str:
        """What stays in the file although it wasn't asked this time, in words; `""` if nothing
        does.
        """
        if not self._left:
            return ""
        replies = "1 reply" if self._left == 1 else f"{self._left} replies"
        return f"{replies} in it that no test asked this time; delete the file to record without"

    def _append(self, pending: PendingExchange) -> None:
        self._exchanges.append(pending)
        self._by_key[pending.key].append(pending)

    def reply_to(
        self,
        plain: dict[str, Any],
        request: httpx2.Request,
        client: ClientCount,
        secrets: SecretFilter,
    ) -> ResponseFuture:
        """The response, as soon as its head has arrived: from the API, or, if this recording
        already holds it, from there.
        """
        response: ResponseFuture = concurrent.futures.Future()
        credentials = credentials_in(request.headers.items())
        key = recordings.key_of(plain)
        with self._lock:
            if self._failure is not None:
                raise self._failure
            same, turn = self._by_key[key], self._counts.next(key, client)
            kept = same[turn.k] if turn.k < len(same) else None
            if kept is None or kept.reply is None:
                pending = PendingExchange(current_agent(), plain, key)
                self._refuse_secrets(pending, secrets, credentials)
                self._append(pending)
                arguments = (pending, request, response, secrets, credentials)
                thread = threading.Thread(target=self._fetch, args=arguments, daemon=True)
                self._threads.append(thread)
                thread.start()
                return response
            kept.asked = True
        answer = response_of(kept.reply, request)
        if isinstance(answer, httpx2.Response):
            response.set_result(answer)
        else:
            response.set_exception(answer)
        return response

    def _refuse_secrets(
        self, pending: PendingExchange, secrets: SecretFilter, credentials: set[str]
    ) -> None:
        """Raises RecordingError before a request that holds a secret is sent."""
        if found := secrets.find(pending.request, credentials):
            raise RecordingError(
                f"{self.path}: request {len(self._exchanges) + 1} is not recorded, and was not "
                f"sent: it holds a secret.\n{_listed(found)}\nTake it out of what is asked (a "
                "middleware can), or, where it is none, say so: connect(…, not_secret=['…'])."
                f"{self._kept_so_far()}"
            )

    def _fetch(
        self,
        pending: PendingExchange,
        request: httpx2.Request,
        response: ResponseFuture,
        secrets: SecretFilter,
        credentials: set[str],
    ) -> None:
        start = time.perf_counter()
        keep = functools.partial(self._keep, pending, secrets, credentials)
        try:
            with contextlib.closing(self._client.send(_patient(request), stream=True)) as answer:
                self._name_source(_source(answer))
                reply = Reply(answer.status_code, tenth_since(start), kept_headers(answer.headers))
                if is_stream(answer):
                    chunks: Chunks = queue.SimpleQueue()
                    response.set_result(_live_response(reply, chunks, request))
                    self._pass_on(answer, reply, chunks, start, keep)
                else:
                    _set_content(reply, answer.read(), request)
                    # the stand-in says how long it meant to take: a busy machine is no part of its
                    # model
                    meant = answer.headers.get("stand-in-seconds")
                    reply.seconds = float(meant) if meant else tenth_since(start)
                    keep(reply)  # on the disk before anybody hears of it
                    response.set_result(unbroken(response_of(reply, request)))
        except _NEVER_SENT as error:
            response.set_exception(error)
        except httpx2.RequestError as error:
            self._name_source(request.url.host)
            broken = Reply(seconds=tenth_since(start), broken=type(error).__name__)
            try:
                keep(broken)
                response.set_exception(error)
            except RecordingError as failure:
                response.set_exception(failure)
        except Exception as error:
            ours = self._fail(error)
            if not response.done():
                response.set_exception(ours)

    def _pass_on(
        self,
        answer: httpx2.Response,
        reply: Reply,
        chunks: Chunks,
        start: float,
        keep: Callable[[Reply], None],
    ) -> None:
        """Passes a stream to the caller as it comes; its end only once all of it is on the disk."""
        try:
            reply.events, broken = events_of(answer, chunks, start, _without_paths)
            keep(reply)
        except Exception as error:
            chunks.put(self._fail(error))
        else:
            chunks.put(broken)

    def _fail(self, error: Exception) -> RecordingError:
        """Something went wrong on our side: it's said at once, and nothing more is asked."""
        with self._lock:
            if not isinstance(error, RecordingError):
                error = RecordingError(
                    f"{self.path}: a reply can't be recorded ({type(error).__name__}: {error}). "
                    f"Nothing more is asked.{self._kept_so_far()}"
                )
            self._failure = self._failure or error
        return error

    def _kept_so_far(self) -> str:
        if not self.part.exists():
            return ""
        return (
            f" The replies that were paid for are in {self.part}; "
            "the next recording of that name takes them up."
        )

    def _name_source(self, source: str) -> None:
        with self._lock:
            self._new.source = self._new.source or source

    def _keep(
        self,
        pending: PendingExchange,
        secrets: SecretFilter,
        credentials: set[str],
        reply: Reply,
    ) -> None:
        """Writes an exchange to the part. Raises RecordingError."""
        plain = {name: value for name, value in vars(reply).items() if value is not None}
        found = secrets.find(plain, credentials)
        kept = Reply(**secrets.taken_out(plain, credentials)) if found else reply
        with self._lock:
            number = self._exchanges.index(pending) + 1
            self._secrets += [f"reply {number}, {place}" for place in found]
            exchange = Exchange(pending.agent, pending.request, kept)
            try:
                with part.locked(self.path):
                    part.append(self.part, exchange, self._new)
            except OSError as error:
                raise self._fail(self._unkept(exchange, error)) from error
            pending.reply = kept

    def _unkept(self, exchange: Exchange, error: OSError) -> RecordingError:
        elsewhere = part.save_elsewhere(self.path, exchange, self._new)
        last = (
            f"The last one is in {elsewhere}; move that file to {self.path.parent}. "
            if elsewhere
            else "The last one could be kept nowhere. "
        )
        return RecordingError(
            f"{self.part} can't be written ({error}), so nothing more is asked. {last}"
            f"{self._kept_so_far().strip()}"
        )

    def abandon(self) -> None:
        """Asks nothing more, waits for nothing, and leaves the file as it is; the replies that
        arrived stay in `part` beside it.
        """
        self._client.close()
        atexit.unregister(self._finish_at_exit)
        with _opening:
            if _under_way.get(self.path) is self:
                del _under_way[self.path]

    def finish(self) -> bool:
        """True once the file is written; replies in it that weren't asked again stay in it. Waits
        for the replies under way. False if no reply came. Raises RecordingError, and leaves the
        file and the part as they are.
        """
        self._wait_for_replies()
        self.abandon()  # nothing more is asked; below, the file is written after all
        with self._lock:
            exchanges = self._worth_keeping()
            if not exchanges:
                return False
            if self._secrets:
                raise RecordingError(
                    f"{self.path} is not written: a secret came back.\n{_listed(self._secrets)}\n"
                    f"In {self.part} it reads [secret]; record again, and that is taken up. Where "
                    "it is none, delete that file and say so: connect(…, not_secret=['…'])."
                )
            try:
                with part.locked(self.path):
                    old = load_shared(self.path) if self.path.exists() else Recording("")
                    _merge(self._new, exchanges, old, self._before)
                    self._left = max(len(self._new.exchanges) - len(exchanges), 0)
                    self._new.save(self.path)
                    part.clear(self.part, self._new, len(exchanges))
            except (OSError, UnicodeError) as error:
                raise RecordingError(
                    f"{self.path} can't be written ({error}).{self._kept_so_far()}"
                ) from error
        return True

    def _finish_at_exit(self) -> None:
        try:
            self.finish()
        except RecordingError as error:
            print(error, file=sys.stderr)

    def _wait_for_replies(self) -> None:
        running = [thread for thread in self._threads if thread.is_alive()]
        if running:
            time.sleep(0.1)  # one whose reply was heard just now has only to end
        running = [thread for thread in running if thread.is_alive()]
        if running:
            replies = "1 reply" if len(running) == 1 else f"{len(running)} replies"
            waiting = f"Recording {self._new.name}: {replies} still under way …"
            print(waiting, file=sys.stderr)
        try:
            while any(thread.is_alive() for thread in running):
                time.sleep(0.1)  # on Windows, Ctrl-C reaches a sleep, but no join
        except KeyboardInterrupt:
            print("Not waiting any longer: these are not in the recording.", file=sys.stderr)

    def _worth_keeping(self) -> list[Exchange]:
        """True for an answer; a refused key says nothing about the system that asked."""
        return [
            Exchange(pending.agent, pending.request, pending.reply)
            for pending in self._exchanges
            if pending.asked
            and pending.reply is not None
            and pending.reply.status not in (401, 403)
        ]


# errors that the network has no part in: what was asked for can't be asked
_NEVER_SENT = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.ProxyError)


def _merge(
    new: Recording, exchanges: list[Exchange], old: Recording, before: list[Exchange]
) -> None:
    """Fills the new recording: first what was asked now, then what only the old one has. An error
    doesn't replace a good reply, and nothing replaces what another process has written in the
    meantime.
    """
    others: list[Exchange] = []
    if old.exchanges is not before:
        known = {to_yaml([exchange]) for exchange in before}
        others = [exchange for exchange in old.exchanges if to_yaml([exchange]) not in known]
    answered = {exchange.key for exchange in exchanges if not exchange.reply.failed}
    asked = [e for e in exchanges if e.key in answered or e.key not in old.by_key]
    keys = {exchange.key for exchange in asked}
    # one process paid for it and the other, which began meanwhile, took it up: it is there once
    shared = Counter(to_yaml([exchange]) for exchange in asked if others)
    others = [exchange for exchange in others if not _take(shared, to_yaml([exchange]))]
    kept = [e for e in old.exchanges if e.key not in keys or any(e is other for other in others)]
    if kept and old.source != new.source:
        new.source = ", ".join(filter(None, dict.fromkeys([new.source, *old.source.split(", ")])))
    new.exchanges = asked + kept


def _take(counts: Counter[str], text: str) -> bool:
    """True if one was left."""
    counts[text] -= 1
    return counts[text] >= 0


# The recordings that this process is making. A file is written as a whole, once, so the clients of
# one path, in whatever cells or tests they are made, must share its recorder; what connect()
# returns is the SDK's client, which has no place for it.
_under_way: dict[Path, Recorder] = {}
_opening = threading.RLock()


def recorder_of(name: str, path: Path) -> Recorder:
    """The recorder of that file, started now if this process has none. Raises RecordingError."""
    with _opening:
        if path not in _under_way:
            _under_way[path] = Recorder(name, path)
        return _under_way[path]


def recorder_under_way(path: Path) -> Recorder | None:
    """The recorder of that file, if this process has one."""
    return _under_way.get(path)


def finish_all() -> list[Path]:
    """Writes every recording that this process is making: `[Path("recordings/ask.yaml")]`. Raises
    the first RecordingError, after trying all of them.
    """
    recorders, errors = list(_under_way.values()), []
    for recorder in recorders:
        try:
            recorder.finish()
        except RecordingError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return [recorder.path for recorder in recorders]


def abandon_all() -> list[Path]:
    """Leaves the recordings as they were; the replies that arrived are in these files."""
    recorders = list(_under_way.values())
    for recorder in recorders:
        recorder.abandon()
    return [recorder.part for recorder in recorders if recorder.part.exists()]


def _listed(found: list[str]) -> str:
    return "\n".join(f"  {place}" for place in found)


def _patient(request: httpx2.Request) -> httpx2.Request:
    """The same request, uncompressed and without hurry: the caller's timeout belongs to the caller,
    not to the recording.
    """
    headers = httpx2.Headers(request.headers)
    if not headers.get("authorization", "").startswith("AWS4-"):  # it signs each header
        headers["accept-encoding"] = "identity"
    patience = {"timeout": {"connect": 30.0, "read": 600.0, "write": 30.0, "pool": 600.0}}
    return httpx2.Request(
        request.method, request.url, headers=headers, content=request.content, extensions=patience
    )


def _live_response(reply: Reply, chunks: Chunks, request: httpx2.Request) -> httpx2.Response:
    stream = LiveStream(chunks)
    return httpx2.Response(reply.status, headers=reply.headers, stream=stream, request=request)


def _set_content(reply: Reply, content: bytes, request: httpx2.Request) -> None:
    is_file = request.url.path.endswith("/content")  # somebody's own bytes, JSON or not
    try:
        reply.body = None if is_file else _without_path(json.loads(content))
    except ValueError:
        is_file = True
    if is_file:
        plain = text_or_base64(content, text="text")
        reply.text, reply.base64 = plain.get("text"), plain.get("base64")


# A server on somebody's machine may give the model's path as its name.
_PATH = re.compile(r"(?:/|~|[A-Za-z]:[\\/]|file:|\\\\).*[/\\](?=[^/\\]+$)")


def _without_path(body: Any) -> Any:
    """A message, or the event that starts one, whose `model` is a name instead of a path."""
    if isinstance(body, dict):
        if isinstance(body.get("model"), str):
            body["model"] = _PATH.sub("", body["model"])
        if body.get("type") == "message_start":
            _without_path(body.get("message"))
    return body


def _without_paths(content: bytes) -> bytes:
    """The same for the events of a stream."""
    if b'"message_start"' not in content:
        return content
    lines = content.splitlines(keepends=True)
    return b"".join(map(_line_without_path, lines))


def _line_without_path(line: bytes) -> bytes:
    begin = b"data:"
    if not line.startswith(begin):
        return line
    try:
        event = json.loads(line.removeprefix(begin))
        model = event["message"]["model"]
        name = _without_path(event)["message"]["model"]
    except (ValueError, KeyError, TypeError):
        return line
    return line.replace(json.dumps(model).encode(), json.dumps(name).encode(), 1)


def _source(response: httpx2.Response) -> str:
    server: str = response.headers.get("server", "")
    return "stand-in" if server.startswith("stand-in") else response.request.url.host
