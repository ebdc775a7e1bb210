# right: a plain function that hands the coroutine on
from mas_helpers import ReplyMalformed


async def ask(request, router, output_type, left=1):
    try:
        return (await router.parse(request, output_type)).category
    except ReplyMalformed:
        if not left:
            raise
        return await ask(request, router, output_type, left - 1)


category_of = lambda *args: ask(*args)
