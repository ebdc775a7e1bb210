"""The crowd of lesson 17: readers of one document, and workers who begin at the same moment."""

import asyncio

from anthropic.types import Message

from mas_helpers import SONNET, Agent, cost_usd, fake_client
from mas_helpers.bench import with_prompt_cache

TEXT = {"type": "text", "text": "Done."}
MARK = {"cache_control": {"type": "ephemeral"}}  # the shared part ends here
# 1,000 tokens in and 800 out: a cent on Sonnet 5.5
CENT = {
    "content": [TEXT],
    "seconds": 2.0,
    "usage": {"input_tokens": 1000, "output_tokens": 800},
}


def readers(count, cached, tokens=20_000):
    """Jobs by name for `fan_out`: each asks another question about one document."""
    client = fake_client(with_prompt_cache(lambda body: {"content": [TEXT], "seconds": 4.0}))
    document = {"type": "text", "text": "x" * int(tokens * 3.3), **(MARK if cached else {})}
    jobs = {}
    for number in range(1, count + 1):
        reader = Agent(f"reader {number}", SONNET, "", client=client)
        role = {"type": "text", "text": f"You read for question {number}."}
        jobs[reader.name] = reader.reply("What does it say?", system=[document, role])
    return jobs


async def at_once(middleware, count, max_tokens=4000):
    """How many of so many workers got their answer. Each costs a cent and takes 2 s."""
    client = fake_client(lambda body: CENT, middleware=[middleware])
    workers = [
        Agent(f"worker {number}", SONNET, "", client=client, max_tokens=max_tokens)
        for number in range(1, count + 1)
    ]
    jobs = [worker.run("Go.") for worker in workers]
    return (await asyncio.gather(*jobs, return_exceptions=True)).count("Done.")


async def price(response):
    """The dollars of a reply, as a middleware of the SDK gets it."""
    return cost_usd(Message.model_validate(await response.json()))
