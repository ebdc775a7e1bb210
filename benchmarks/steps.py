"""What a kept step costs: milliseconds, seconds to start, megabytes; on the journal of lesson 19
and on DBOS with SQLite.

  python benchmarks/steps.py            prints it; --write puts it into README.md beside it

Steps that do nothing, one after the other, each kept before the next begins. The best of five
rounds counts: the rest is other programs.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from report import Report, machine_line, options_for

from mas_helpers.agents import Journal

STEPS, ROUNDS = 200, 5


def main():
    options, report = options_for(__doc__).parse_args(), Report("steps")
    print(machine_line(report.about))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        report.print(f"journal: {time_journal(Path(folder)):.2f} ms a step")
        report.print(f"DBOS:    {time_dbos(Path(folder)):.2f} ms a step")
    for module in ("mas_helpers.agents", "mas_helpers.agents, dbos"):
        report.print(f"import {module}: {time_import(module):.2f} s of the processor")
    ours, theirs = closure("mas-helpers"), closure("dbos")
    names = sorted(theirs - ours)
    megabytes = sum(map(size_of, names)) / 1e6
    report.print(f"DBOS adds {len(names)} packages, {megabytes:.0f} MB: {', '.join(names)}")
    if options.write:
        report.save()


async def nothing():
    return "done"


def time_journal(folder):
    """Milliseconds of a step."""

    async def round_of(number):
        with Journal(folder / "steps.sqlite", f"run {number}") as journal:
            for step in range(STEPS):
                await journal.once(f"step {step}", nothing)

    return best(lambda number: asyncio.run(round_of(number)))


def time_dbos(folder):
    """Milliseconds of a step."""
    from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

    address = f"sqlite:///{folder / 'dbos.sqlite'}"
    serializer = DBOSPortableJSONSerializer()
    config = DBOSConfig(
        name="steps", system_database_url=address, serializer=serializer, log_level="ERROR"
    )
    dbos = DBOS(config=config)

    @dbos.workflow()
    async def steps():
        for step in range(STEPS):
            await DBOS.run_step_async({"name": f"step {step}"}, nothing)
        return "done"

    async def round_of(number):
        with SetWorkflowID(f"run {number}"):
            handle = await DBOS.start_workflow_async(steps)
        await handle.get_result()

    dbos.launch()
    try:
        return best(lambda number: asyncio.run(round_of(number)))
    finally:
        DBOS.destroy()


def best(work):
    def timed(number):
        began = time.perf_counter()
        work(number)
        return (time.perf_counter() - began) * 1000 / STEPS

    return min(timed(number) for number in range(ROUNDS))


def time_import(module):
    """Seconds of the processor that a new process takes to import it."""
    code = f"import {module}, time; print(time.process_time())"

    def once(_):
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        return float(done.stdout)

    return min(map(once, range(ROUNDS)))


def closure(name, seen=None):
    """The package and all that it needs, without extras, as installed here."""
    seen = set() if seen is None else seen
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in seen:
        return seen
    try:
        needs = distribution(name).requires or []
    except PackageNotFoundError:
        return seen
    seen.add(name)
    for need in needs:
        if "extra ==" in need:
            continue
        base, extras = re.match(r"([\w.-]+)(?:\[([\w,-]+)\])?", need).groups()
        closure(base, seen)
        for extra in (extras or "").split(","):
            closure(f"{base}-{extra}", seen)  # as psycopg[binary] brings psycopg-binary
    return seen


def size_of(name):
    """Bytes of its files."""
    files = distribution(name).files or []
    paths = [Path(file.locate()) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    main()
