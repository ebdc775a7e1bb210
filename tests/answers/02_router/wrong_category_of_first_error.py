# wrong: raises the first error after the second
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    try:
        topic = await router.parse(request, output_type)
    except ReplyMalformed as first:
        try:
            topic = await router.parse(request, output_type)
        except Exception:
            raise first
    return topic.category
