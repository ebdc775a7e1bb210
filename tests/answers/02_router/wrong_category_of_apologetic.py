# wrong: the second request has words added
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    try:
        return (await router.parse(request, output_type)).category
    except ReplyMalformed:
        return (await router.parse(request + " JSON only!", output_type)).category
