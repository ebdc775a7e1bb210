# right: the plain one
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    one = await ask(first_question)
    two = await ask(second_question)
    return [text_of(one), text_of(two)]
