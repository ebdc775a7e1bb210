"""The island ferry of lesson 16, which is invented: a question, a note for each worker, and the
team; and a receiver of spans, to look at what was sent.
"""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mas_helpers import HAIKU, OPUS, SONNET, Agent

QUESTION = "What did the ferry bring in last year, what did it cost, and what is left over?"

NOTES = {
    "tickets": "Ticket office, last year: 35,300 crossings sold, at 4.00 each.",
    "fuel": "Fuel book, last year by quarter: 3,900, then 2,800, then 2,600, then 4,900.",
    "crew": (
        "Pay book, last year: 93,000 in all. Questions about pay go to Ines Dahl, "
        "+44 1632 960 143, ines.dahl@ferry.example."
    ),
}

WORK = """You answer one part of a question about an island ferry, from the note below and nothing
else. One or two sentences, the total first, figures in digits. Leave out what your note does not
hold; others have it."""

WRITE = """You write one paragraph for the council of an island, from what its workers report about
the ferry. Use every figure, and work out what is left over. Add nothing of your own."""

EDIT = """You edit a paragraph for the council of an island. Put what is left over first. At most 40
words, figures unchanged. Add nothing of your own."""


def build_ferry(client):
    """The workers by name, the writer, and the editor."""
    models = {"tickets": SONNET, "fuel": HAIKU, "crew": HAIKU}
    workers = {
        name: Agent(name, models[name], f"{WORK}\n\n{note}", client=client)
        for name, note in NOTES.items()
    }
    writer = Agent("writer", SONNET, WRITE, client=client)
    return workers, writer, Agent("editor", OPUS, EDIT, client=client)


@dataclass
class Receiver:
    """A server on this machine that keeps the bodies it is sent, and answers once it may."""

    server: ThreadingHTTPServer
    bodies: list[bytes] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls):
        """A Receiver at work: it takes what comes and doesn't answer yet."""
        receiver = cls(ThreadingHTTPServer(("127.0.0.1", 0), Handler))  # a free port
        receiver.server.receiver = receiver
        threading.Thread(target=receiver.server.serve_forever, daemon=True).start()
        return receiver

    @property
    def address(self):
        """Where spans go: `"http://127.0.0.1:49152/v1/traces"`."""
        return f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def stop(self):
        """The receiver is gone: its port is closed."""
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        receiver = self.server.receiver
        receiver.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        receiver.may_answer.wait()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *ignored):
        """No line for each request."""
