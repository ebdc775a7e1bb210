# wrong: both at once
import asyncio

from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    replies = await asyncio.gather(ask(first_question), ask(second_question))
    return [text_of(reply) for reply in replies]
