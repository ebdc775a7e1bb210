# right: asks again outside the except
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    topic = None
    try:
        topic = await router.parse(request, output_type)
    except ReplyMalformed as error:
        print("once more:", error)
    if topic is None:
        topic = await router.parse(request, output_type)
    return topic.category
