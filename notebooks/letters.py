"""Letters to sort, for lesson 25: a slow model, a batch, a queue, and measured runs."""

import asyncio
import json
from pathlib import Path

from mas_helpers import HAIKU, Agent, fake_client
from mas_helpers.course import course_file

SORTER = "You sort letters to a guest house. Answer with one word: booking, complaint or other."
LETTERS = {
    "ada": "We would like the garden room in May.",
    "ben": "The shower was cold for three days.",
    "cleo": "Do you know whose umbrella this is?",
    "dora": "Two nights for four, please, with a cot.",
    "emil": "Nobody answered my last letter.",
    "fay": "Thank you for the jam.",
}


def sorter_that_takes(seconds):
    """An agent whose calls all take as long: the model is a function of ours."""

    async def model(body):
        await asyncio.sleep(seconds)
        return "booking"

    return Agent("sorter", HAIKU, SORTER, client=fake_client(model))


async def last_begins(buckets, calls):
    """After how many seconds the last of so many calls begins; they take turns at the buckets."""
    jobs = (buckets[n % len(buckets)].take() for n in range(calls))
    return round(max(await asyncio.gather(*jobs)), 6)


def request_for(name):
    """What a batch sends for one letter."""
    message = {"role": "user", "content": LETTERS[name]}
    params = {"model": HAIKU, "max_tokens": 300, "system": SORTER, "messages": [message]}
    return {"custom_id": name, "params": params}


def at_full_price(message):
    """The message as if it had not come from a batch."""
    usage = message.usage.model_copy(update={"service_tier": "standard"})
    return message.model_copy(update={"usage": usage})


def build_dbos(folder, address=""):
    """DBOS on a file in the folder, or on `postgresql://…`; its results in JSON."""
    from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

    config = DBOSConfig(
        name="letters",
        system_database_url=address or f"sqlite:///{(Path(folder) / 'letters.sqlite').as_posix()}",
        serializer=DBOSPortableJSONSerializer(),
        log_level="CRITICAL",
        run_admin_server=False,
    )
    return DBOS(config=config)


def measured(**wanted):
    """The runs of benchmarks/scale_out.py that fit: `measured(jobs=1000, killed=True)`."""
    path = course_file("benchmarks/scale_out.json")
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return [run for run in runs if all(run.get(name) == value for name, value in wanted.items())]
