# wrong: the answers in the other order
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    first = text_of(await ask(first_question))
    return [text_of(await ask(second_question)), first]
