"""A run that drafts, asks a person, waits for the answer and sends; it is killed from outside
(tests/test_approval.py).
"""

import os
import sys
from pathlib import Path

from mas_helpers import HAIKU, Agent, fake_client, run
from mas_helpers.agents import Approvals, DurableAgent, Journal, Proposal


def write(path, line):
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(place, f"{line}\n".encode())
    os.close(place)


def model(folder):
    def answer(body):
        write(folder / "bill.txt", "draft")
        return "We open at six."

    return answer


async def notice(folder):
    """What was decided; the text that it sends is a line of sent.txt."""
    with Journal(folder / "steps.sqlite") as journal:
        client = fake_client(model(folder))
        writer = DurableAgent(Agent("writer", HAIKU, "", client=client), journal.once)
        proposal = Proposal("Send it?", await writer.run("Write."), "We open at seven.")
        approvals = Approvals(folder / "approvals.sqlite")
        decision = await approvals.wait("notice", proposal, seconds=600, look_every=0.05)
        if decision.kind != "refused":
            write(folder / "sent.txt", decision.text)
        return decision


if __name__ == "__main__":
    run(notice(Path(sys.argv[1])), clock="real")
