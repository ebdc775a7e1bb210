# right: each question is a task
import asyncio

from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    try:
        topic = await asyncio.create_task(router.parse(request, output_type))
    except ReplyMalformed:
        topic = await asyncio.create_task(router.parse(request, output_type))
    return topic.category
