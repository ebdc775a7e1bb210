"""What a thousand calls at once cost your own computer: the real clock, real sockets, the SDK's two
connection pools, and the client of `connect` beside the SDK's own.

    python benchmarks/sockets.py         prints it; --write puts it into README.md beside it

A process beside this one answers each request after 0.2 s, so all that goes beyond the waves of 0.2
s is work of this computer. Printed are medians of five rounds, their range, and from one more round
under cProfile the share of the work that is spent in the connection pool.
"""

import asyncio
import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import time

import anthropic
from report import Report, options_for

from mas_helpers import SONNET, connect, fan_out

CALLS, REPLY_SECONDS, ROUNDS = 1000, 0.2, 5
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": SONNET,
    "stop_reason": "end_turn",
    "stop_sequence": None, "usage": {"input_tokens": 300, "output_tokens": 2},
    "content": [{"type": "text", "text": "Counted."}],
}  # fmt: skip
ASKED = {
    "model": SONNET,
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "How many loans in May?"}],
}


class Server(asyncio.Protocol):
    """Answers whatever is asked, REPLY_SECONDS after the request's last byte; does as little as it
    can.
    """

    content = json.dumps(MESSAGE).encode()
    answer = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        % len(content)
        + content
    )

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = next(
            (int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")),
            0,
        )
        if end and len(body) >= length:
            self.received = b""
            asyncio.get_running_loop().call_later(REPLY_SECONDS, self.transport.write, self.answer)


async def serve():
    server = await asyncio.get_running_loop().create_server(
        Server, "127.0.0.1", 0, backlog=2 * CALLS
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


CLIENTS = {
    "SDK, httpx2": lambda url: raw(url, anthropic.DefaultAsyncHttpxClient()),
    "SDK, aiohttp": lambda url: raw(url, anthropic.DefaultAioHttpClient()),
    "connect, aiohttp": lambda url: connect("x", mode="live", api_key="x", base_url=url),
}


def raw(url, http_client):
    return anthropic.AsyncAnthropic(api_key="x", base_url=url, http_client=http_client)


async def thousand(make_client, url, limit):
    """Seconds on the wall and seconds of this process's own work, of CALLS calls with so many
    seats.
    """
    client = make_client(url).with_options(max_retries=0, timeout=60)
    async with client:
        wall, work = time.perf_counter(), time.process_time()
        await fan_out({str(i): client.messages.create(**ASKED) for i in range(CALLS)}, limit)
        return time.perf_counter() - wall, time.process_time() - work


def pool_share(make_client, url, limit):
    """The part of this process's work that is spent in httpx2's pool, in its own lines."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(asyncio.run, thousand(make_client, url, limit))
    own = [(file, numbers[2]) for (file, _, _), numbers in pstats.Stats(profile).stats.items()]
    return sum(work for file, work in own if "connection_pool" in file) / sum(
        work for _, work in own
    )


def measure(url, report):
    limits = {"no limit": None, "200 seats": 200}
    cases = [(name, seats) for seats in limits for name in CLIENTS]
    taken = {case: [] for case in cases}
    for warming in (True, *[False] * ROUNDS):
        for name, seats in cases:
            took = asyncio.run(thousand(CLIENTS[name], url, limits[seats]))
            if not warming:
                taken[name, seats].append(took)
    report.print(
        f"{'':9}  {'':16}  {'seconds':>7}  {'from':>5}  {'to':>5}  {'ms of work a call':>17}"
        f"  {'in the pool':>11}"
    )
    for (name, seats), rounds in taken.items():
        walls, works = zip(*rounds, strict=True)
        wall, work = statistics.median(walls), statistics.median(works) / CALLS * 1e3
        share = pool_share(CLIENTS[name], url, limits[seats])
        report.print(
            f"{seats:9}  {name:16}  {wall:7.2f}  {min(walls):5.2f}  {max(walls):5.2f}  {work:17.2f}"
            f"  {share:11.0%}"
        )


def main():
    options, report = options_for(__doc__).parse_args(), Report("sockets")
    beside = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        measure(f"http://127.0.0.1:{int(beside.stdout.readline())}", report)
    finally:
        beside.terminate()
        beside.wait()
    if options.write:
        report.save()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
