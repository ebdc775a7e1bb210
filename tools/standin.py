"""The stand-in model: the Messages API over HTTP on loopback, answering from texts that authors
wrote.

    python tools/standin.py tools/replies/01_agent.yaml [more.yaml ...] [--port 0]

With it a lesson can be recorded over a real socket by the real SDK where there is no key.
tools/replies/README.md has the format of the replies; messages_api.py knows the API, and says what
of it is only modelled.
"""

import argparse
import json
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakSet

import messages_api as api
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


@contextmanager
def serving(paths=(), *, entries=(), port=0):
    """The base URL of a stand-in that answers from these files and entries until the block ends."""
    server = StandIn(
        [entry for path in paths for entry in load(path)] + checked("entries", list(entries)), port
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.close()
        thread.join()


class StandIn(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close() waits for them and no socket is left open
    request_queue_size = 1024  # the default of 5 is too short for a fan-out

    def __init__(self, entries, port):
        self.entries, self.calls, self.lock = entries, Counter(), threading.Lock()
        self.connections, self.stopping = WeakSet(), threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    def next_reply(self, body):
        """The reply to the k-th request with this body, and k."""
        entry = next((entry for entry in self.entries if fits(entry.get("when", {}), body)), None)
        if entry is None:
            raise api.ApiError(
                400, unmatched(body, sorted({entry["source"] for entry in self.entries}))
            )
        with self.lock:
            self.calls[api.stable_id("", body)] += 1
            k = self.calls[api.stable_id("", body)]
        if k > (count := len(entry["replies"])):
            reason = f"{entry['where']} has {count} and this is identical request number {k}. Add a reply there."
            raise api.ApiError(400, f"The stand-in is out of replies: {reason}")
        return entry["replies"][k - 1], k

    def get_request(self):
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that hangs up is no news
            super().handle_error(request, client_address)

    def close(self):
        self.stopping.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "stand-in", ""
    disable_nagle_algorithm = True

    def do_POST(self):
        self.arrived, path = time.monotonic(), urlsplit(self.path).path
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.request_id = api.stable_id("req_", path, raw.decode(errors="replace"))
        try:
            api.check_headers(self.headers)
            if self.command == "GET":
                self.send_json(200, api.models(path))
            else:
                self.answer(path, api.request_body(path, raw))
        except api.ApiError as error:
            failure = {"type": "error", "error": error.error, "request_id": self.request_id}
            self.send_json(error.status, failure, error.headers)

    do_GET = do_POST

    def answer(self, path, body):
        if path == "/v1/messages/count_tokens":
            self.send_json(200, {"input_tokens": api.input_tokens(body)})
            return
        reply, k = self.server.next_reply(body)
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
            self.send_json(200, message, {"stand-in-seconds": f"{total:g}"})

    def wait_until(self, seconds):
        """Returns so many seconds after the arrival of the request."""
        if self.server.stopping.wait(max(0, self.arrived + seconds - time.monotonic())):
            raise ConnectionAbortedError("the stand-in is closing")

    def send_json(self, status, value, headers=()):
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_head(
            status,
            {"content-type": "application/json", "content-length": str(len(data)), **dict(headers)},
        )
        self.wfile.write(data)

    def send_events(self, timed_events):
        """Sends the events of each moment together, at that moment."""
        self.send_head(
            200,
            {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"},
        )
        for moment, group in groupby(timed_events, key=itemgetter(0)):
            self.wait_until(moment)
            lines = (
                f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
                for _, event in group
            )
            data = "".join(lines).encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def send_head(self, status, headers):
        self.send_response(status)
        for name, value in {**headers, "request-id": self.request_id}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args):
        pass


def fits(when, body):
    system = api.text_of(body.get("system"))
    return (
        (
            "system" not in when
            or (when["system"].strip() in system if when["system"] else not system)
        )
        and when.get("first", "").strip() in api.text_of(body["messages"][0]["content"])
        and when.get("user", "").strip() in last_user_text(body)
        and when.get("model", body["model"]) == body["model"]
        and when.get("turns", len(body["messages"])) == len(body["messages"])
    )


def last_user_text(body):
    return next(
        (api.text_of(m["content"]) for m in reversed(body["messages"]) if m["role"] == "user"), ""
    )


def unmatched(body, sources):
    return (
        f"The stand-in has no reply for this request to {body['model']} with {len(body['messages'])} message(s). "
        f"System prompt: {api.text_of(body.get('system'))[:80]!r}. Last user message: {last_user_text(body)[:120]!r}. "
        f"Add an entry whose `when` fits to {' or '.join(sources) or 'its empty list of entries'}."
    )


def closed(*required, **properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def listed(items):
    return {"type": "array", "minItems": 1, "items": items}


TEXT, TEXT_OR_NULL, COUNT = (
    {"type": "string"},
    {"type": ["string", "null"]},
    {"type": "integer", "minimum": 0},
)
BLOCK = closed(text=TEXT, tool_use=closed("name", "input", name=TEXT, input={"type": "object"}))
KINDS = {
    "text": TEXT,
    "json": {},
    "content": listed(BLOCK | {"minProperties": 1, "maxProperties": 1}),
    "refusal": closed(category=TEXT_OR_NULL, explanation=TEXT_OR_NULL),
    "status": {"type": "integer", "minimum": 400},
}
OF_AN_ERROR = {
    "error": closed("type", "message", type=TEXT, message=TEXT),
    "headers": {"additionalProperties": TEXT},
}
OPTIONS = {
    "thinking_tokens": COUNT,
    "seconds": {"type": "number", "minimum": 0},
    "stop_reason": TEXT,
}
REPLY = closed(**KINDS, **OF_AN_ERROR, **OPTIONS) | {
    "oneOf": [{"required": [kind]} for kind in KINDS],
    "dependentRequired": {"status": ["error"], "error": ["status"], "headers": ["status"]},
}
WHEN = closed(system=TEXT_OR_NULL, first=TEXT, user=TEXT, model=TEXT, turns=COUNT)
ENTRY = closed("replies", agent=TEXT, when=WHEN, replies=listed(REPLY))


def load(path):
    return checked(Path(path).as_posix(), yaml.safe_load(Path(path).read_text(encoding="utf-8")))


def checked(source, entries):
    """The entries of a source, each with its place, or a ValueError that names the place and what
    is wrong there.
    """
    if not isinstance(entries, list):
        raise ValueError(f"{source}: expected a list of entries, each with `when` and `replies`")
    # YAML makes a date of 2026-11-20, the author meant the text
    entries = json.loads(json.dumps(entries, default=str))
    for number, entry in enumerate(entries, 1):
        agent = f" (agent {entry['agent']})" if isinstance(entry, dict) and "agent" in entry else ""
        place = {"source": source, "where": f"{source}, entry {number}{agent}"}
        if error := best_match(Draft202012Validator(ENTRY).iter_errors(entry)):
            raise ValueError(f"{place['where']}: {error.json_path} {error.message}")
        entry.update(place)
    return entries


def main():
    parser = argparse.ArgumentParser(description="Serve the stand-in model until Ctrl-C.")
    parser.add_argument("replies", nargs="+", type=Path, help="tools/replies/NN_lesson.yaml")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    arguments = parser.parse_args()
    try:
        with (
            serving(arguments.replies, port=arguments.port) as base_url,
            suppress(KeyboardInterrupt),
        ):
            print(f"stand-in model on {base_url}", flush=True)
            while True:
                time.sleep(60)  # on Windows, Ctrl-C reaches a sleep, but no Event
    except (ValueError, OSError, yaml.YAMLError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
