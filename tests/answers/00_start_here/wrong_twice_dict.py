# wrong: a dict: two equal questions become one
from mas_helpers import text_of


async def twice(ask, first_question, second_question):
    answers = {}
    for question in (first_question, second_question):
        answers[question] = text_of(await ask(question))
    return list(answers.values())
