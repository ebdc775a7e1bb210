"""Tempting wrong answers to the exercises of 01_agent, and what is wrong with them."""

from typing import Literal

from pydantic import BaseModel, Field

from mas_helpers import ReplyError, text_of


async def ask_again_if_cut(agent, prompt):
    """Every reply that isn't an answer is a `ReplyError`, so this asks again after a refusal, too.

    More room doesn't persuade a model that refused, and you pay for the second call as for the
    first.

    Ask back: which of the three kinds of failure has anything to do with room? What do the other
    two cost here?
    """
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyError:
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)


class CakeOrder(BaseModel):
    """`str | None` says which values are allowed, not that you may leave the field out.

    Without a default, an order that doesn't mention the writing is turned away.

    Ask back: what does the model read when the customer mentions no writing? Which part of the line
    is about that?
    """

    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None


async def cheapest_answer(agents, prompt):
    """When the last agent has failed as well, the loop is over and the function returns `None`.

    The caller goes on with that, and nobody hears about three failures that were paid for.

    Ask back: what does a function return when it runs out of lines? Who finds out that nobody
    answered, and when?
    """
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue
