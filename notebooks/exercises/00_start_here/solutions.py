"""Solutions to the exercises of 00_start_here."""

import asyncio

from mas_helpers import text_of


async def nap():
    await asyncio.sleep(90)


async def twice(ask, first_question, second_question):
    first = await ask(first_question)
    second = await ask(second_question)
    return [text_of(first), text_of(second)]
