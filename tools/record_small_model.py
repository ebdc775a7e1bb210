"""Record what lesson 23 asks the small model on this machine, through both of its doors.

python3 start.py model                                        in one terminal
python tools/record_small_model.py http://127.0.0.1:8880      in another
"""

import asyncio
import sys
from pathlib import Path

from openai import AsyncOpenAI

from mas_helpers import Agent, connect
from mas_helpers.agents import FAILURES, ChatAgent, parse_until_valid
from mas_helpers.bench.transports.record import finish_all
from mas_helpers.course.local_model import NAME

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
RECORDED = "23_small_model"


async def ask_everything(address, folder):
    """Each order through each door, and once more with the loop, one after the other."""
    sys.path.insert(0, str(NOTEBOOKS))
    from bakery import CLERK, ORDERS, Order

    options = {"mode": "record", "folder": folder}
    client = connect(RECORDED, base_url=address, **options)
    chat = connect(
        RECORDED, client_class=AsyncOpenAI, base_url=f"{address}/v1", api_key="none", **options
    )
    for clerk in (
        Agent("clerk", NAME, CLERK, client=client, max_tokens=200),
        ChatAgent("clerk", NAME, CLERK, client=chat, max_tokens=200, provider="llama.cpp"),
    ):
        for text in ORDERS:
            await outcome(clerk.parse(text, Order))
    clerk = Agent("clerk", NAME, CLERK, client=client, max_tokens=200)
    for text in ORDERS:
        await outcome(parse_until_valid(clerk, text, Order))


async def outcome(job):
    try:
        print(await job, flush=True)
    except FAILURES as error:
        print(type(error).__name__, flush=True)


def main(address, folder=NOTEBOOKS / "recordings"):
    """The file is written from the start; what was in it is forgotten."""
    (Path(folder) / f"{RECORDED}.yaml").unlink(missing_ok=True)
    asyncio.run(ask_everything(address, folder))
    finish_all()


if __name__ == "__main__":
    main(sys.argv[1])
