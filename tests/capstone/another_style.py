"""Another sound desk, in another style: the raw SDK, plain loops, JSON files. No agent of ours.

The acceptance tests judge what a desk does, so they have to accept this one too.
"""

import asyncio
import hashlib
import json
import time

import httpx2
from anthropic import APIError
from mcp import Client

from mas_helpers import cost_usd
from mas_helpers.agents import most_usd
from mas_helpers.bench import tracer_provider

from .contract import Answer, DeskError

MODEL = "claude-sonnet-5-5"


class Letter:
    """One letter on its way: what it may still spend, and what is known already."""

    def __init__(self, ticket, question, desk):
        self.question, self.desk, self.left = question, desk, desk.budget_usd
        name = hashlib.sha256(ticket.encode()).hexdigest()[:20]
        self.notes = desk.folder / f"{name}.jsonl"
        self.known = {}
        if self.notes.exists():
            for line in self.notes.read_text("utf-8").splitlines():
                key, text = json.loads(line)
                self.known[key] = text

    async def once(self, key, work):
        digest = hashlib.sha256(key.encode()).hexdigest()
        if digest not in self.known:
            self.known[digest] = await work
            with self.notes.open("a", encoding="utf-8") as file:
                file.write(json.dumps([digest, self.known[digest]]) + "\n")
        else:
            work.close()
        return self.known[digest]

    async def create(self, **body):
        body = {"model": MODEL, "max_tokens": 500, **body}
        most = most_usd(body)
        if most > self.left:
            raise DeskError("the budget has no room for another call")
        self.left -= most  # and it isn't given back by a call that was cut off
        message = await self.desk.client.messages.create(**body)
        if getattr(message, "usage", None) is None or message.content is None:
            raise DeskError("what came is no message")
        self.left += most - cost_usd(message)
        if message.stop_reason not in ("end_turn", "tool_use"):
            raise DeskError(f"the answer ended with {message.stop_reason}")
        return message

    async def say(self, prompt):
        message = await self.create(messages=[{"role": "user", "content": prompt}])
        text = "".join(block.text for block in message.content if block.type == "text")
        if not text.strip():
            raise DeskError("the answer is empty")
        return text

    async def read(self, name):
        document = (self.desk.documents / (name + ".md")).read_text(encoding="utf-8")
        prompt = f"{self.question}\n\nAnswer from this document alone:\n{document}"
        return await self.once(prompt, self.say(prompt))

    async def stock(self):
        return await self.once("stock", self.ask_workshop())

    async def ask_workshop(self):
        """The model says what to ask, the program asks; the list's own words are the part."""
        async with Client(self.desk.workshop) as server:
            (tool,) = (await server.list_tools()).tools
            offered = {"name": tool.name, "input_schema": tool.input_schema}
            for _ in range(2):
                message = await self.create(
                    messages=[{"role": "user", "content": self.question}], tools=[offered]
                )
                for block in message.content:
                    if block.type == "tool_use" and block.name == tool.name:
                        result = await server.call_tool(block.name, block.input)
                        if not result.is_error:
                            return result.content[0].text
        raise DeskError("the workshop's list could not be read")


FAILURES = (DeskError, APIError, TimeoutError, httpx2.RequestError, OSError, ValueError)


async def answer(ticket, question, desk):
    with tracer_provider().get_tracer("desk").start_as_current_span(f"letter {ticket}"):
        return await reply_to(Letter(ticket, question, desk))


async def reply_to(letter):
    jobs = {name: letter.read(name) for name in ("fees", "sizes", "care")}
    if letter.desk.workshop is not None:
        jobs["workshop"] = letter.stock()
    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    await asyncio.wait(tasks.values(), timeout=15)
    parts, missing = [], []
    for name, task in tasks.items():
        if not task.done():
            task.cancel()
            missing.append(name)
        elif task.exception() is None:
            parts.append(task.result())
        elif isinstance(task.exception(), (*FAILURES, ExceptionGroup)):
            missing.append(name)
        else:
            raise task.exception()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    if not parts:
        raise DeskError("nobody could say anything about this letter: " + ", ".join(missing))
    prompt = "\n".join([letter.question, "Join these, and leave nothing out:", *parts])
    try:
        async with asyncio.timeout(12):
            text = await letter.once(prompt, letter.say(prompt))
    except FAILURES:
        text = "\n".join(parts)
    for name in missing:
        text += f"\nNobody could look into {name}."
    return Answer(text, tuple(missing))


def file_of(ticket, what, desk):
    return desk.folder / f"{hashlib.sha256(ticket.encode()).hexdigest()[:20]}.{what}"


async def loan(ticket, wish, desk, lend):
    decision = file_of(ticket, "decision", desk)
    if not decision.exists():
        return "waiting"
    if json.loads(decision.read_text("utf-8"))["yes"] is not True:
        return "refused"
    try:
        file_of(ticket, "lent", desk).open("x").close()
    except FileExistsError:
        return "lent"
    lend(wish)
    return "lent"


def decide(ticket, yes, by, desk):
    with file_of(ticket, "decision", desk).open("x", encoding="utf-8") as file:
        json.dump({"yes": yes, "by": by, "at": time.time()}, file)
