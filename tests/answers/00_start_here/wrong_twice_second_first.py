# wrong: the second question is asked first
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    second = text_of(await ask(second_question))
    return [text_of(await ask(first_question)), second]
