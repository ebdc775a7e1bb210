"""Answers a customer's mail: sort it and look the parcel up at once, draft a reply, have it checked
twice at once.
"""

import asyncio
import json
from dataclasses import dataclass, field

import anthropic
import httpx2  # the HTTP library of the SDK: what breaks in the middle of a stream is its error

SMALL, MIDDLE = "claude-haiku-5-5", "claude-sonnet-5-5"
DEADLINE = 25.0  # seconds, for one mail
STEPS = 4  # of the clerk
PARCELS = {
    "P-2207": {
        "status": "delayed",
        "since": "Monday",
        "reason": "the van broke down",
        "paid_eur": 6.90,
    },
    "P-3150": {
        "status": "delivered",
        "on": "Tuesday",
        "left": "with the neighbour at number 12",
        "paid_eur": 4.50,
    },
}
FIND_PARCEL = {
    "name": "find_parcel",
    "description": "What is known about a parcel, by its number, as in P-1234.",
    "input_schema": {
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
    },
}
SORT = {
    "type": "object",
    "properties": {"topic": {"type": "string", "enum": ["late", "lost", "refund", "other"]}},
    "required": ["topic"],
    "additionalProperties": False,
}
ROLES = {
    "sorter": (SMALL, "You sort the mail of a parcel service by topic."),
    "clerk": (
        MIDDLE,
        "You look parcels up for a parcel service. Sum up in two sentences what is known.",
    ),
    "writer": (
        MIDDLE,
        "You answer customers of a parcel service: friendly, short, nothing but the facts given.",
    ),
    "policy": (
        SMALL,
        (
            "You check replies: no promise of money or of a day. Answer OK, or say what breaks the"
            " rule."
        ),
    ),
    "tone": (SMALL, "You check replies: polite, no blame. Answer OK, or say what is wrong."),
}


@dataclass
class Answer:
    """What goes out; with `why`, it goes to a human first."""

    text: str = ""
    topic: str = "other"
    why: list[str] = field(default_factory=list)

    @property
    def to_a_human(self) -> bool:
        return bool(self.why)


class Unusable(Exception):
    """The model answered, but not with an answer."""


async def answer(client: anthropic.AsyncAnthropic, mail: str) -> Answer:
    """The reply to a mail.

    It never raises for what the API does: what could not be done is in `why`.
    """
    result = Answer()
    try:
        async with asyncio.timeout(DEADLINE):
            result.topic, facts = await asyncio.gather(sort(client, mail), look_up(client, mail))
            result.text = await draft(client, mail, facts)
            result.why += await objections(client, result.text)
    except TimeoutError:
        result.why.append(f"no reply within {DEADLINE:g} s")
    except (anthropic.APIError, httpx2.HTTPError, Unusable) as error:
        result.why.append(f"{type(error).__name__}: {error}")
    return result


async def sort(client: anthropic.AsyncAnthropic, mail: str) -> str:
    """The topic of a mail; "other" where the sorter fails, for a topic is only nice to have."""
    form = {"format": {"type": "json_schema", "schema": SORT}}
    try:
        return json.loads(text_of(await ask(client, "sorter", mail, output_config=form)))["topic"]
    except (anthropic.APIError, Unusable, ValueError, KeyError):
        return "other"


async def look_up(client: anthropic.AsyncAnthropic, mail: str) -> str:
    """What the clerk finds out about the parcel."""
    messages = [{"role": "user", "content": mail}]
    for _ in range(STEPS):
        message = await ask(client, "clerk", messages, tools=[FIND_PARCEL])
        if message.stop_reason != "tool_use":
            return text_of(message)
        found = [used(block) for block in message.content if block.type == "tool_use"]
        messages += [message.to_param(), {"role": "user", "content": found}]
    raise Unusable(f"the clerk still searches after {STEPS} steps")


def used(call) -> dict:
    """The result of one use of the tool."""
    known = PARCELS.get(str(call.input.get("number")))
    content = json.dumps(known) if known else "There is no such parcel. Numbers look like P-1234."
    return {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": content,
        "is_error": known is None,
    }


async def draft(client: anthropic.AsyncAnthropic, mail: str, facts: str) -> str:
    """The draft, streamed, so that people at the desk see it grow."""
    prompt = f"Facts: {facts}\n\nMail:\n{mail}"
    async with client.messages.stream(**request("writer", prompt)) as stream:
        return text_of(await stream.get_final_message())


async def objections(client: anthropic.AsyncAnthropic, text: str) -> list[str]:
    """What the two checkers have against a text. A checker that fails has not said yes."""
    verdicts = await asyncio.gather(verdict(client, "policy", text), verdict(client, "tone", text))
    return [said for said in verdicts if said != "OK"]


async def verdict(client: anthropic.AsyncAnthropic, role: str, text: str) -> str:
    try:
        said = text_of(await ask(client, role, text)).strip()
    except (anthropic.APIError, Unusable) as error:
        return f"{role} did not check: {type(error).__name__}"
    return said if said == "OK" else f"{role}: {said}"


async def ask(
    client: anthropic.AsyncAnthropic, role: str, prompt, **options
) -> anthropic.types.Message:
    return await client.messages.create(**request(role, prompt), **options)


def request(role: str, prompt) -> dict:
    model, system = ROLES[role]
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    return {"model": model, "max_tokens": 2000, "system": system, "messages": messages}


def text_of(message: anthropic.types.Message) -> str:
    """The text of a whole answer; Unusable where it was cut off, refused, or is empty."""
    text = "".join(block.text for block in message.content if block.type == "text")
    if message.stop_reason != "end_turn" or not text:
        raise Unusable(f"the answer ended with {message.stop_reason}")
    return text
