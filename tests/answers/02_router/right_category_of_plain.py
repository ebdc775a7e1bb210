# right: the plain one
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    try:
        topic = await router.parse(request, output_type)
    except ReplyMalformed:
        topic = await router.parse(request, output_type)
    return topic.category
