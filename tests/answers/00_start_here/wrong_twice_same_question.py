# wrong: asks the first question twice
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    first = await ask(first_question)
    second = await ask(first_question)
    return [text_of(first), text_of(second)]
