"""Solutions to the exercises of 01_agent."""

from typing import Literal

from pydantic import BaseModel, Field

from mas_helpers import ReplyError, ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyTruncated:
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None


async def cheapest_answer(agents, prompt):
    for agent in agents[:-1]:
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue
    return await agents[-1].run(prompt)
