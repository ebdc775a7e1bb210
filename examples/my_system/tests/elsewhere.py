"""Another process on the same folder: `python elsewhere.py TARGET FOLDER kill | decide | loan`."""

import os
import signal
import sys
from pathlib import Path

from conftest import load
from school import CELLO, Model, School

from mas_helpers import run
from my_system.workshop import workshop


def kill(school):
    """Answers a letter until its writer is asked; then this process is killed."""

    def die():
        print(*school.model.replies, flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    school.model = Model(at_writer=die)
    school.ask(CELLO)


def decide(school, ticket):
    school.module.decide(ticket, True, "Mr Voss", school.desk)


def loan(school, ticket):
    """Prints what's lent, if anything is, and what the loan says."""
    print(run(school.module.loan(ticket, f"the wish of {ticket}", school.desk, print)))


if __name__ == "__main__":
    target, folder, what, *words = sys.argv[1:]
    here = School(load(target), Path(folder), workshop=workshop())
    {"kill": kill, "decide": decide, "loan": loan}[what](here, *words)
