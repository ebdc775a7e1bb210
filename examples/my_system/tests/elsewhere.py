"""Another process on the same folder: `python elsewhere.py TARGET FOLDER kill | decide`."""

import os
import signal
import sys
from pathlib import Path

from my_system.workshop import workshop
from school import CELLO, Model, School

from conftest import load
from mas_helpers import run


def kill(school):
    """Answers a letter until its writer is asked; then this process is killed."""

    def die():
        print(*school.model.replies, flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    school.model = Model(at_writer=die)
    school.ask(CELLO)


def decide(school, ticket, lent_before):
    """Says yes to one loan, and asks for one that was lent: prints what's lent, and its state."""
    school.module.decide(ticket, True, "Mr Voss", school.desk)
    wish = f"the wish of {lent_before}"
    print(run(school.module.loan(lent_before, wish, school.desk, print)))


if __name__ == "__main__":
    target, folder, what, *words = sys.argv[1:]
    here = School(load(target), Path(folder), workshop=workshop())
    {"kill": kill, "decide": decide}[what](here, *words)
