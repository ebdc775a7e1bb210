"""The pool's orchestrator as a program that may be killed, for lesson 19. Started again in the same
folder, it goes on where it stopped.

  python pool_run.py FOLDER
      the plan, three parts, the synthesis: five calls, and the answer in FOLDER/answers.txt
  python pool_run.py FOLDER --never data
      the same, but no answer of the agent data ever comes
  python pool_run.py FOLDER --engine dbos --parts 10 --runs 50
      runs of 12 calls, one after the other, on DBOS

A function plays the model. FOLDER/bill.txt is the API's bill: a line for each call, written when
it gets there, whatever becomes of its answer.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from pool import TASKS

from mas_helpers import HAIKU, Agent, fake_client, orchestrate, run
from mas_helpers.agents import DurableAgent, Journal

AGENTS = ["planner", "data", "summary", "synthesizer"]


def tasks_of(parts):
    """The tasks of so many parts, each with its worker."""
    more = {f"How many came in week {week}?": "data" for week in range(1, parts)}
    return dict(list((TASKS | more).items())[:parts])


def build_client(write_line, parts, never=(), seconds=0.05):
    """A client whose model writes on the bill who asks for what, then takes its seconds."""
    tasks = tasks_of(parts)

    def model(body):
        name, prompt = body["system"], body["messages"][0]["content"]
        write_line(f"{name} · {' '.join(prompt.split())[:30]}")
        text = f"Done: {prompt}"
        if name == "planner":
            subtasks = [{"kind": kind, "task": task, "needs": []} for task, kind in tasks.items()]
            text = json.dumps({"subtasks": subtasks})
        elif name == "synthesizer":
            text = f"All of it, out of {prompt.count('Done: ')}."
        waits = 3600 if name in never else seconds * (1 + len(prompt) % 5 / 4)
        return {"content": [{"type": "text", "text": text}], "seconds": waits}

    return fake_client(model)


async def answer(once, client, parts):
    """The text of the answer; each finished call is a step that `once` keeps."""
    team = {name: DurableAgent(Agent(name, HAIKU, name, client=client), once) for name in AGENTS}
    workers = {kind: team[kind] for kind in ("data", "summary")}
    result = await orchestrate(
        "Was it worth it?", team["planner"], workers, team["synthesizer"], max_subtasks=parts
    )
    return result.text


def start(folder, never):
    """This program as a process in a new folder; the agents in `never` never answer."""
    folder.mkdir()
    command = [sys.executable, __file__, str(folder), "--never", *never.split()]
    return subprocess.Popen(command)


def wait_for(folder, billed, finished):
    """Returns once so many calls are on the bill in the folder, and so many are finished."""
    began = time.monotonic()
    while (len(read_bill(folder)), len(journal_in(folder).finished)) != (billed, finished):
        if time.monotonic() - began > 60:
            raise TimeoutError(f"{folder.name}: {read_bill(folder)}")
        time.sleep(0.02)


def journal_in(folder):
    """The journal of run 1 in a folder."""
    return Journal(folder / "steps.sqlite", "run 1")


def read_bill(folder):
    """The lines of the bill: `["run 1 · planner · Was it worth it?", …]`."""
    bill = folder / "bill.txt"
    return bill.read_text(encoding="utf-8").splitlines() if bill.exists() else []


def go_on(folder):
    """The answer of run 1 in a folder, from where it stopped, in this process and at once."""
    client = build_client(lambda line: write(folder / "bill.txt", f"run 1 · {line}"), 3)
    return run(on_the_journal(folder, "run 1", client, 3), clock="virtual")


def write(path, line):
    """Adds a line to a file: all of it or nothing, whoever is killed."""
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(place, f"{line}\n".encode())
    os.close(place)


async def on_the_journal(folder, name, client, parts):
    """The answer of a run whose finished steps a journal keeps."""
    with Journal(folder / "steps.sqlite", name) as journal:
        return await answer(journal.once, client, parts)


def build_dbos(folder):
    """DBOS on a file in the folder, with its results in JSON."""
    from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

    config = DBOSConfig(
        name="pool",
        system_database_url=f"sqlite:///{(folder / 'dbos.sqlite').as_posix()}",
        serializer=DBOSPortableJSONSerializer(),
        log_level="CRITICAL",
    )
    return DBOS(config=config)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=["journal", "dbos"], default="journal")
    parser.add_argument("--never", nargs="*", default=[])
    parser.add_argument("--parts", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.05)
    options = parser.parse_args()
    folder, parts, current = options.folder, options.parts, [""]

    def bill(line):
        write(folder / "bill.txt", f"{current[0]} · {line}")

    client = build_client(bill, parts, options.never, options.seconds)
    if options.engine == "dbos":
        from dbos import DBOS, SetWorkflowID

        dbos = build_dbos(folder)

        async def as_a_step(key, make):
            return await DBOS.run_step_async({"name": key}, make)

        @dbos.workflow()
        async def durable_answer(parts):
            return await answer(as_a_step, client, parts)

    async def work():
        answered = folder / "answers.txt"
        done = answered.read_text(encoding="utf-8").count("\n") if answered.exists() else 0
        for number in range(done + 1, options.runs + 1):
            current[0] = f"run {number}"
            if options.engine == "journal":
                text = await on_the_journal(folder, current[0], client, parts)
            else:
                if number == done + 1:
                    dbos.launch()
                with SetWorkflowID(current[0]):
                    handle = await DBOS.start_workflow_async(durable_answer, parts)
                text = await handle.get_result()
            write(folder / "answers.txt", f"{current[0]} · {text}")

    run(work(), clock="real")
    if options.engine == "dbos":
        DBOS.destroy()


if __name__ == "__main__":
    main()
