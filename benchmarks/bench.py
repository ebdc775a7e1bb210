"""What the package costs on top of the SDK, as a table.

    python benchmarks/bench.py            prints it; --write puts it into README.md beside it

Every figure is compared with its limit in the same run. Seconds are those of the processor, so what
other programs take isn't in them.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anthropic
import httpx2
from report import Report, options_for

from mas_helpers import HAIKU, Agent, connect, run
from mas_helpers.bench import recordings
from mas_helpers.bench.recordings import Exchange, Recording, Reply

WORDS = " ".join(["bread"] * 200)
USAGE = {"input_tokens": 300, "output_tokens": 250}
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU,
    "stop_reason": "end_turn",
    "stop_sequence": None, "usage": USAGE, "content": [{"type": "text",
    "text": "\n".join([WORDS] * 2)}],
}  # fmt: skip


def request(words):
    messages = [{"role": "user", "content": words}]
    return {"model": HAIKU, "max_tokens": 4000, "system": WORDS, "messages": messages}


def recording_of(count):
    """A recording of `count` different exchanges, as a file in a folder of its own."""
    made = Recording("bench")
    for number in range(count):
        asked = {"method": "POST", "path": "/v1/messages", "body": request(f"question {number}")}
        made.exchanges.append(
            Exchange(
                "worker", asked, Reply(200, 0.0, {"content-type": "application/json"}, MESSAGE)
            )
        )
    path = Path(tempfile.mkdtemp()) / "bench.yaml"
    made.save(path)
    return path


def import_seconds():
    """CPU seconds of `import anthropic`, then of `import mas_helpers`: medians of 5 processes."""
    code = (
        "from time import process_time as now; a = now(); import anthropic; b = now();"
        " import mas_helpers; print(b - a, now() - b)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(6)
    ]
    pairs = [[float(x) for x in done.stdout.split()] for done in runs[1:]]
    return [statistics.median(column) for column in zip(*pairs, strict=True)]


def bare_client():
    """The SDK on a transport that answers at once."""
    content = json.dumps(MESSAGE).encode()
    answer = httpx2.MockTransport(
        lambda request: httpx2.Response(
            200, content=content, headers={"content-type": "application/json"}
        )
    )
    return anthropic.AsyncAnthropic(
        api_key="x", http_client=anthropic.DefaultAsyncHttpxClient(transport=answer)
    )


async def cpu_per_call(call, count=200):
    """The median CPU seconds of one call."""
    taken = []
    for number in range(count):
        began = time.process_time()
        await call(number)
        taken.append(time.process_time() - began)
    return statistics.median(taken)


async def gathered(agent, numbers):
    """CPU seconds for each of these calls, made at once: other programs take none of them."""
    began = time.process_time()
    await asyncio.gather(*(agent.run(f"question {number}") for number in numbers))
    return (time.process_time() - began) / len(numbers)


def main():
    options, report, rows = options_for(__doc__).parse_args(), Report("bench"), []
    sdk, ours = import_seconds()
    rows.append(
        ("import mas_helpers, after anthropic", f"{ours * 1e3:.0f} ms", "150 ms", ours <= 0.150)
    )
    path = recording_of(1000)
    began = time.process_time()
    recordings.load(path)
    loading = time.process_time() - began
    rows.append(("load a recording of 1,000 exchanges", f"{loading:.2f} s", "1 s", loading < 1))
    agent = Agent("worker", HAIKU, WORDS, client=connect("bench", folder=path.parent))
    client = bare_client()
    for _ in range(2):  # the first round warms up
        bare = run(
            cpu_per_call(lambda number: client.messages.create(**request(f"question {number}")))
        )
        replayed = run(cpu_per_call(lambda number: agent.run(f"question {number}")))
    more = replayed - bare
    rows.append(
        (
            f"Agent.run over the bare SDK call ({bare * 1e3:.2f} ms)",
            f"{more * 1e3:.2f} ms",
            "1 ms",
            more <= 0.001,
        )
    )
    ten = statistics.median(run(gathered(agent, range(k, k + 10))) for k in range(0, 200, 10))
    thousand = statistics.median(run(gathered(agent, range(1000))) for _ in range(3))
    ratio = thousand / ten
    rows.append(
        (
            f"a call among 1,000 over one among 10 ({ten * 1e3:.2f} ms)",
            f"{ratio:.2f}x",
            "1.5x",
            ratio <= 1.5,
        )
    )
    report.print(f"{'':52}  {'measured':>9}  {'limit':>7}")
    for what, measured, limit, kept in rows:
        report.print(f"{what:52}  {measured:>9}  {limit:>7}  {'ok' if kept else 'OVER'}")
    if options.write:
        report.save()
    return 0 if all(kept for *_, kept in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
