# wrong: a cut reply is asked again
from mas_helpers import ReplyMalformed, ReplyTruncated


async def category_of(request, router, output_type):
    try:
        topic = await router.parse(request, output_type)
    except (ReplyMalformed, ReplyTruncated):
        topic = await router.parse(request, output_type)
    return topic.category
