# right: a decorator for the second question
import functools

from mas_helpers import ReplyMalformed


def once_more(function):
    @functools.wraps(function)
    async def inner(*args):
        try:
            return await function(*args)
        except ReplyMalformed:
            return await function(*args)

    return inner


@once_more
async def category_of(request, router, output_type):
    return (await router.parse(request, output_type)).category
