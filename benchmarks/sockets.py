"""What a thousand calls at once cost your own computer: the real clock, real sockets, one
AsyncAnthropic.

    python benchmarks/sockets.py

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

from mas_helpers import SONNET, fan_out

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


async def thousand(url, limit):
    """Seconds on the wall and seconds of this process's own work, of CALLS calls with so many
    seats.
    """
    async with anthropic.AsyncAnthropic(
        api_key="x", base_url=url, max_retries=0, timeout=60
    ) as client:
        wall, work = time.perf_counter(), time.process_time()
        await fan_out({str(i): client.messages.create(**ASKED) for i in range(CALLS)}, limit)
        return time.perf_counter() - wall, time.process_time() - work


def pool_share(url, limit):
    """The part of this process's work that is spent in the connection pool's own lines."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(asyncio.run, thousand(url, limit))
    own = [(file, numbers[2]) for (file, _, _), numbers in pstats.Stats(profile).stats.items()]
    return sum(work for file, work in own if "connection_pool" in file) / sum(
        work for _, work in own
    )


def measure(url):
    asyncio.run(thousand(url, 200))  # warms up
    limits = {"no limit": None, "200 seats": 200}
    taken = {name: [] for name in limits}
    for _ in range(ROUNDS):
        for name, limit in limits.items():
            taken[name].append(asyncio.run(thousand(url, limit)))
    print(
        f"{'':9}  {'seconds':>7}  {'from':>5}  {'to':>5}  {'ms of work a call':>17} "
        f" {'in the pool':>11}"
    )
    for name, rounds in taken.items():
        walls, works = zip(*rounds, strict=True)
        wall, work = statistics.median(walls), statistics.median(works) / CALLS * 1e3
        share = pool_share(url, limits[name])
        print(
            f"{name:9}  {wall:7.2f}  {min(walls):5.2f}  {max(walls):5.2f}  {work:17.1f} "
            f" {share:11.0%}"
        )


def main():
    beside = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        measure(f"http://127.0.0.1:{int(beside.stdout.readline())}")
    finally:
        beside.terminate()
        beside.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
