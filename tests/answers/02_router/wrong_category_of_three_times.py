# wrong: asks three times
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    for _ in range(2):
        try:
            return (await router.parse(request, output_type)).category
        except ReplyMalformed:
            pass
    return (await router.parse(request, output_type)).category
