# wrong: asks until it can be read
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    while True:
        try:
            return (await router.parse(request, output_type)).category
        except ReplyMalformed:
            pass
