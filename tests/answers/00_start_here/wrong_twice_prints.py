# wrong: returns what print returns
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    return [print(text_of(await ask(q))) for q in (first_question, second_question)]
