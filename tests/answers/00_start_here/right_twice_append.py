# right: a list that grows
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    texts = []
    for question in (first_question, second_question):
        reply = await ask(question)
        texts.append(text_of(reply))
    return texts
