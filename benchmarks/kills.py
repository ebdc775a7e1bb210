"""kill -9 at random moments of a run of 12 calls, again and again, on the journal of lesson 19 and
on DBOS: what was paid for twice, and was it named?

  python benchmarks/kills.py                          200 kills on each engine, about 25 minutes
  python benchmarks/kills.py --engine journal --kills 6 --json
  python benchmarks/kills.py --write                  also into README.md beside it

A process (notebooks/pool_run.py) makes one run after the other; it is killed, and started again.
The API's bill is a file to which each call adds a line when it gets there. After each kill, the
engine's own file says what is finished. In the end, for each call of each run:

  - a call that was finished at a kill was never billed again
  - a call was billed once, and once more for each kill that it was in flight at
  - every call that was billed more than once had been named as in flight by the journal (DBOS keeps
    no list of what has begun; there, the bill names it)
  - all runs have the same answer
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from report import Report, machine_line, options_for

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FINISHED = {
    "journal": ("steps.sqlite", "SELECT run, key FROM steps WHERE value IS NOT NULL"),
    "dbos": ("dbos.sqlite", "SELECT workflow_uuid, function_name FROM operation_outputs"),
}
IN_FLIGHT = "SELECT run, key FROM steps WHERE value IS NULL AND NOT failed"


def main():
    parser = options_for(__doc__)
    parser.add_argument("--engine", choices=FINISHED, nargs="*", default=list(FINISHED))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--parts", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.05, help="of the quickest reply")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    failed, report = False, Report("kills")
    if not options.json:
        print(machine_line(report.about))
    for engine in options.engine:
        with tempfile.TemporaryDirectory() as folder:
            found = Campaign(Path(folder), engine, options).run()
        failed = failed or bool(found["problems"])
        lines = [f"{engine}:", *(f"  {name}: {value}" for name, value in found.items())]
        for line in [json.dumps(found)] if options.json else lines:
            report.print(line)
    if options.write:
        report.save()
    return int(failed)


class Campaign:
    """Kills on one engine, in a folder of its own."""

    def __init__(self, folder, engine, options):
        self.folder, self.engine, self.options = folder, engine, options
        self.dice = random.Random(options.seed)
        self.calls_a_run = options.parts + 2
        self.in_flight = []  # at each kill: the calls that were billed in that life, not finished
        self.named = Counter()  # calls, by the kills at which the journal named them
        self.finished = {}  # calls that were finished at a kill: how often they were billed then
        self.problems = []

    def run(self):
        began = time.monotonic()
        for _ in range(self.options.kills):
            self.kill_once()
        runs = len(self.answers()) + 1
        subprocess.run(self.command(runs), cwd=NOTEBOOKS, check=True, timeout=300)
        self.look_at_the_end(runs)
        bill = self.bill()
        return {
            "runs": runs,
            "calls needed": runs * self.calls_a_run,
            "calls billed": sum(bill.values()),
            "kills": self.options.kills,
            "kills with calls in flight": sum(map(bool, self.in_flight)),
            "in flight at those kills": sum(map(len, self.in_flight)),
            "most in flight at one": max(map(len, self.in_flight), default=0),
            "finished calls billed again": sum(
                bill[call] > times for call, times in self.finished.items()
            ),
            "different answers": len({text.split(" · ")[1] for text in self.answers()}),
            "seconds": round(time.monotonic() - began),
            "problems": self.problems,
        }

    def command(self, runs):
        program = [sys.executable, "pool_run.py", str(self.folder), "--engine", self.engine]
        options = {"parts": self.options.parts, "runs": runs, "seconds": self.options.seconds}
        return program + [word for k, v in options.items() for word in (f"--{k}", str(v))]

    def kill_once(self):
        """Starts the program, waits until it makes calls, kills it, and looks at what is left."""
        before = self.bill()
        lines = sum(before.values())
        process = subprocess.Popen(self.command(100_000), cwd=NOTEBOOKS)
        try:
            while sum(self.bill().values()) == lines:
                if process.poll() is not None:
                    raise RuntimeError("the program ended by itself")
                time.sleep(0.005)
            # some three runs long, so that each place of a run is as likely as another
            time.sleep(self.dice.uniform(0, 20 * self.options.seconds))
        finally:
            process.kill()  # SIGKILL; on Windows TerminateProcess
            process.wait()
        after, finished = self.bill(), self.read(FINISHED[self.engine])
        billed = after - before
        self.in_flight.append(sorted(call for call in billed if call not in finished))
        for call in finished:
            if self.finished.setdefault(call, after[call]) != after[call]:
                self.problems.append(f"finished, and billed again: {call}")
        if self.engine == "journal":
            named = set(self.read((FINISHED["journal"][0], IN_FLIGHT)))
            self.named.update(named)
            for call in set(self.in_flight[-1]) - named:
                self.problems.append(f"in flight, and not named: {call}")

    def look_at_the_end(self, runs):
        bill = self.bill()
        lost = Counter(call for calls in self.in_flight for call in calls)
        for call, times in bill.items():
            if times != 1 + lost[call]:
                self.problems.append(f"{call}: billed {times} times, in flight at {lost[call]}")
            if self.engine == "journal" and times > 1 and not self.named[call]:
                self.problems.append(f"{call}: billed {times} times, and never named")
        if len(bill) != runs * self.calls_a_run:
            self.problems.append(f"{len(bill)} different calls in {runs} runs")
        if [text.split(" · ")[0] for text in self.answers()] != [
            f"run {n}" for n in range(1, runs + 1)
        ]:
            self.problems.append("not each run has one answer")
        if len({text.split(" · ")[1] for text in self.answers()}) != 1:
            self.problems.append("the answers differ")

    def bill(self):
        """How often each call was billed, by `"run 3 · data · How many came in week 1?"`."""
        path = self.folder / "bill.txt"
        return Counter(path.read_text(encoding="utf-8").splitlines() if path.exists() else [])

    def answers(self):
        path = self.folder / "answers.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def read(self, where):
        """Calls that a file of the engine holds, as on the bill."""
        file, question = where
        with closing(sqlite3.connect(self.folder / file, timeout=30)) as db:
            return [f"{run} · {key.rsplit(' · ', 1)[0]}" for run, key in db.execute(question)]


if __name__ == "__main__":
    sys.exit(main())
