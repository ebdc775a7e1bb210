"""What benchmarks ask in the API's place: a process beside them, on this machine."""

import asyncio
import contextlib
import re
import subprocess
import sys
from pathlib import Path

REPLY_SECONDS = 0.2  # from a request's last byte to its reply
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Connection(asyncio.Protocol):
    """One connection: `serve` is given each request, and calls `later`."""

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        if end and len(body) >= (int(found[1]) if found else 0):
            self.received = b""
            self.serve(head, body)

    def serve(self, head, body):
        raise NotImplementedError

    def later(self, send, *what):
        asyncio.get_running_loop().call_later(REPLY_SECONDS, send, *what)


def as_response(body, status=200):
    """The bytes of a reply whose body is these bytes of JSON."""
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def serve(connection):
    """Serves on a free port, which it prints, until the process ends."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(connection, "127.0.0.1", 0, backlog=2000)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


@contextlib.contextmanager
def beside(script, *arguments):
    """The address of the server that a script runs when it's started with these arguments."""
    script = Path(script).resolve()
    command = [sys.executable, str(script), *arguments]
    folder = script.parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
