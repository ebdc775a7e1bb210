"""Tempting wrong answers to the exercises of 01_agent, and what is wrong with them."""

from typing import Literal

from pydantic import BaseModel, Field

from mas_helpers import ReplyError, text_of


async def ask_again_if_cut(agent, prompt):
    """Every reply that is no answer is a `ReplyError`, so this asks again after a refusal too.

    More room does not persuade a model that refused, and the second call is paid like the first.

    Ask back: which of the three kinds of failure has anything to do with room? What do the other
    two cost here?
    """
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyError:
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)


class CakeOrder(BaseModel):
    """`str | None` says which values are allowed, not that the field may be left out.

    Without a default, an order that says nothing about the writing is turned away.

    Ask back: what does the model read when the customer names no writing? Which part of the line
    speaks of that?
    """

    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None


async def cheapest_answer(agents, prompt):
    """When the last agent has failed too, the loop is over and the function returns `None`.

    Whoever called it goes on with that, and nobody hears of three paid failures.

    Ask back: what does a function return that has no more lines? Who finds out that nobody
    answered, and when?
    """
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue
