# wrong: nothing comes back
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    first = text_of(await ask(first_question))
    second = text_of(await ask(second_question))
    print(first, second)
