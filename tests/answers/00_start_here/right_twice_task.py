# right: the second is a task that starts late enough
import asyncio

from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    first = await asyncio.create_task(ask(first_question))
    second = await asyncio.create_task(ask(second_question))
    return list(map(text_of, (first, second)))
