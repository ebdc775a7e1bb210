"""What live calls cost your own computer: the client of `connect` beside the SDK's own, on each of
the SDK's two connection pools, through real sockets and on the real clock.

    python benchmarks/sockets.py         prints it; --write puts it into README.md beside it

A process beside this one answers each request after 0.2 s, on the same machine, so all that goes
beyond the waves of 0.2 s is work. Each measurement is a process of its own, warmed up by one call;
in each round all of them run, every other round in reverse. The SDK's rows are the same calls
written by hand. Printed are medians over the rounds; a ratio is that of two neighbours in a round,
and behind it are the smallest and the largest. CPU is what the calling process used, by its own
count, so other programs take none of it, but a busy machine makes every step slower.
"""

import asyncio
import contextlib
import json
import multiprocessing
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import anthropic
import loopback
from loopback import REPLY_SECONDS
from report import Report, options_for

from mas_helpers import SONNET, Agent, connect, fan_out, orchestrate, text_of, trace
from mas_helpers.agents import Plan, Subtask
from mas_helpers.bench.transports import network

QUESTION, SYSTEM = "How many loans in May, June and July?", "You count loans."
PLAN = Plan(
    subtasks=[
        Subtask(kind="counter", task=f"Count the loans of {month}.", needs=[])
        for month in ("May", "June", "July")
    ]
)
POOLS = {
    "default": anthropic.DefaultAsyncHttpxClient,
    "aiohttp": anthropic.DefaultAioHttpClient,
}
WAYS = {"the SDK": "sdk", "connect": "ours", "connect, in a trace": "traced"}
# calls, how many of them at a time, waves of REPLY_SECONDS
SIZES = {"5": (5, 3, 3), "100": (100, 100, 1), "1,000": (1000, 1000, 1)}
SIZES["1,000, 200 at a time"] = (1000, 200, 5)


# a machine that is busy is slow here, and fails nothing
OPTIONS = {"api_key": "x", "timeout": 120, "max_retries": 0}


# ---- the server


def reply(text):
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": SONNET,
        "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 300, "output_tokens": 2},
        "content": [{"type": "text", "text": text}],
    }  # fmt: skip
    return loopback.as_response(json.dumps(message).encode())


class Model(loopback.Connection):
    """Answers whatever is asked, with a plan if one is wanted; does as little as it can."""

    counted, planned = reply("Counted."), reply(PLAN.model_dump_json())

    def serve(self, head, body):
        self.later(self.transport.write, self.planned if b'"json_schema"' in body else self.counted)


# ---- one measurement, in a process of its own


def measure_here(way, pool, size, url):
    """The seconds on the wall, and those of this process's own work."""
    calls, seats, _ = SIZES[size]
    network.new_pool = POOLS[pool]  # for `connect`, which otherwise takes aiohttp if it is there
    return asyncio.run(measured(way, pool, calls, seats, url))


async def measured(way, pool, calls, seats, url):
    if way == "sdk":
        client = anthropic.AsyncAnthropic(base_url=url, http_client=POOLS[pool](), **OPTIONS)
        ask = by_hand(client)
        work = orchestrate_by_hand if calls == 5 else fan_out_by_hand
    else:
        client = connect("x", mode="live", base_url=url, **OPTIONS)
        ask = Agent("counter", SONNET, SYSTEM, client=client)
        work = orchestrate_by_agents if calls == 5 else fan_out_by_agents
    async with client:
        await work(ask, 5 if calls == 5 else 1, seats)
        with trace() if way == "traced" else contextlib.nullcontext():
            wall, cpu = time.perf_counter(), time.process_time()
            await work(ask, calls, seats)
            return time.perf_counter() - wall, time.process_time() - cpu


def by_hand(client):
    async def ask(prompt, **more):
        messages = [{"role": "user", "content": prompt}]
        asked = {"model": SONNET, "system": SYSTEM, "max_tokens": 4000, "messages": messages}
        return text_of(await client.messages.create(**asked, **more))

    return ask


async def fan_out_by_hand(ask, calls, seats):
    semaphore = asyncio.Semaphore(seats)

    async def one():
        async with semaphore:
            return await ask(QUESTION)

    await asyncio.gather(*(one() for _ in range(calls)))


async def fan_out_by_agents(agent, calls, seats):
    await fan_out({str(n): agent.run(QUESTION) for n in range(calls)}, seats)


async def orchestrate_by_hand(ask, calls, seats):
    schema = {"type": "json_schema", "schema": anthropic.transform_schema(Plan)}
    plan = Plan.model_validate_json(await ask(QUESTION, output_config={"format": schema}))
    answers = await asyncio.gather(*(ask(one.task) for one in plan.subtasks))
    pairs = zip(plan.subtasks, answers, strict=True)
    parts = [f"Task: {one.task}\n{answer}" for one, answer in pairs]
    await ask("\n\n".join([f"Question: {QUESTION}", *parts]))


async def orchestrate_by_agents(agent, calls, seats):
    await orchestrate(QUESTION, agent, {"counter": agent}, agent)


# ---- all of them


def measure(url, rounds, report):
    cases = [(size, pool, way) for size in SIZES for pool in POOLS for way in WAYS]
    taken = {case: [] for case in cases}
    with fresh_processes() as fresh:
        for number in range(rounds):
            for size, pool, way in cases if number % 2 == 0 else reversed(cases):
                wall, cpu = fresh.submit(measure_here, WAYS[way], pool, size, url).result()
                taken[size, pool, way].append((wall * 1e3, cpu * 1e3 / SIZES[size][0]))
    row = "{:20}  {:7}  {:19}  {:>7}  {:>7}  {:>18}  {:>11}  {:>18}"
    heads = ["at once", "pool", "client", "wall ms", "x limit", "x the SDK", "CPU ms/call"]
    report.print(row.format(*heads, "x the SDK"))
    for size, pool, way in cases:
        walls, cpus = zip(*taken[size, pool, way], strict=True)
        sdk_walls, sdk_cpus = zip(*taken[size, pool, "the SDK"], strict=True)
        wall, cpu = statistics.median(walls), statistics.median(cpus)
        limit = wall / (SIZES[size][2] * REPLY_SECONDS * 1e3)
        numbers = f"{wall:.0f}", f"{limit:.3f}", ratio(walls, sdk_walls), f"{cpu:.2f}"
        report.print(row.format(size, pool, way, *numbers, ratio(cpus, sdk_cpus)))


def fresh_processes():
    """Runs each job in a new process, which has imported everything, where that can be had quickly
    (not on Windows).
    """
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(["anthropic", "mas_helpers", "mas_helpers.agents", "report"])
    return ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1)


def ratio(ours, theirs):
    """`"1.04 (0.98-1.10)"`: the median, the smallest and the largest of the rounds."""
    found = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


def main():
    parser = options_for(__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options, report = parser.parse_args(), Report("sockets")
    with loopback.beside(__file__, "serve") as url:
        measure(url, options.rounds, report)
    if options.write:
        report.save()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(loopback.serve(Model))
    else:
        main()
