"""The server: the Messages API, and chat completions, over HTTP, on loopback alone."""

from __future__ import annotations

import functools
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from . import chat_completions as chat
from . import messages_api as api
from .batches import PATH, Batches
from .replies import Entry, check_entries, fits, load, no_entry_fits

NO_HEADERS: Mapping[str, str] = {}


@contextmanager
def serving(
    paths: Iterable[Path | str] = (),
    *,
    entries: Iterable[Entry] = (),
    port: int = 0,
    on_connection: Callable[[Any], object] | None = None,
) -> Iterator[str]:
    """The base URL of a stand-in that answers from these files and entries until the block ends.

    `on_connection` is called with the client's address for each connection that is opened.
    """
    from_files = [entry for path in paths for entry in load(path)]
    server = StandIn(from_files + check_entries("entries", list(entries)), port)
    server.on_connection = on_connection
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.close()
        thread.join()


class StandIn(ThreadingHTTPServer):
    """The entries, and how often each request has come."""

    daemon_threads = False  # so that server_close() waits for them and no socket is left open
    request_queue_size = 1024  # the default of 5 is too short for a fan-out

    def __init__(self, entries: list[Entry], port: int) -> None:
        self.entries = entries
        self.calls: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.batches = Batches()
        self.connections: WeakSet[socket.socket] = WeakSet()
        self.on_connection: Callable[[Any], object] | None = None
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    def next_reply(self, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """The next reply to a request with this body, and k."""
        entry = next((entry for entry in self.entries if fits(entry.get("when", {}), body)), None)
        if entry is None:
            sources = sorted({entry["source"] for entry in self.entries})
            raise api.ApiError(400, no_entry_fits(body, sources))
        key = api.stable_id("", body)
        with self.lock:
            self.calls[key] += 1
            k = self.calls[key]
        if k > (count := len(entry["replies"])):
            raise api.ApiError(
                400,
                f"The stand-in is out of replies: {entry['where']} has {count} and this is "
                f"identical request number {k}. Add a reply there.",
            )
        return entry["replies"][k - 1], k

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        if self.on_connection:
            self.on_connection(address)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that hangs up is no news
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Ends at once, replies that still wait included."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: StandIn  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "stand-in", ""
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.arrived = time.monotonic()
        path = urlsplit(self.path).path
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.request_id = api.stable_id("req_", path, raw.decode(errors="replace"))
        try:
            if path == chat.PATH:
                chat.check_key(self.headers)
                self.answer(path, chat.request_body(raw))
                return
            api.check_headers(self.headers)
            if path.startswith(PATH):
                self.answer_batch(path, raw)
            elif self.command == "GET":
                self.send_json(200, api.models(path))
            else:
                self.answer(path, api.request_body(path, raw))
        except api.ApiError as error:
            failure = {"type": "error", "error": error.error, "request_id": self.request_id}
            self.send_json(error.status, failure, error.headers)

    do_GET = do_POST

    def answer(self, path: str, body: dict[str, Any]) -> None:
        if path == "/v1/messages/count_tokens":
            self.send_json(200, {"input_tokens": api.input_tokens(body)})
            return
        reply, k = self.server.next_reply(body)
        if reply.get("expired"):
            raise api.ApiError(500, "This reply is for a batch: a call doesn't expire", "api_error")
        self.request_id = api.stable_id("req_", body, k)
        if "status" in reply:
            self.wait_until(reply.get("seconds", 0))
            raise api.ApiError(reply["status"], headers=reply.get("headers", {}), **reply["error"])
        message = api.message_for(reply, body, k)
        start, first_text, total = api.moments(message, reply)
        if body.get("stream"):
            self.wait_until(start)
            self.send_events(api.events(message, start, first_text, total))
        else:
            self.wait_until(total)
            message = chat.completion_of(message) if path == chat.PATH else message
            self.send_json(200, message, {"stand-in-seconds": f"{total:g}"})

    def answer_batch(self, path: str, raw: bytes) -> None:
        """A batch that was handed over, as it is now, or its results as lines of JSON."""
        if path == PATH and self.command == "POST":
            check = functools.partial(api.request_body, "/v1/messages")
            created = self.server.batches.create(raw, check, self.server.next_reply)
            self.send_json(200, created)
            return
        found = self.server.batches.get(path)
        if isinstance(found, dict):
            self.send_json(200, found)
            return
        data = found.encode()
        about = {"content-type": "application/x-jsonl", "content-length": str(len(data))}
        self.send_head(200, about)
        self.wfile.write(data)

    def wait_until(self, seconds: float) -> None:
        """Returns so many seconds after the arrival of the request."""
        if self.server.stopping.wait(max(0, self.arrived + seconds - time.monotonic())):
            raise ConnectionAbortedError("the stand-in is closing")

    def send_json(
        self, status: int, value: object, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        about = {"content-type": "application/json", "content-length": str(len(data))}
        self.send_head(status, {**about, **headers})
        self.wfile.write(data)

    def send_events(self, timed_events: Iterable[tuple[float, dict[str, Any]]]) -> None:
        """Sends the events of each moment together, at that moment."""
        about = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        self.send_head(200, about)
        for moment, group in groupby(timed_events, key=itemgetter(0)):
            self.wait_until(moment)
            lines = (
                f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
                for _, event in group
            )
            data = "".join(lines).encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "request-id": self.request_id}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass
