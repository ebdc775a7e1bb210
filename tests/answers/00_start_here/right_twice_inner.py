# right: an inner coroutine
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    async def answer(question):
        return text_of(await ask(question))

    first = await answer(first_question)
    return [first, await answer(second_question)]
