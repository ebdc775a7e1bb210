# right: a loop over two tries
from mas_helpers import ReplyMalformed


async def category_of(request, router, output_type):
    for left in (1, 0):
        try:
            return (await router.parse(request, output_type)).category
        except ReplyMalformed:
            if not left:
                raise
