# wrong: the text of one block, where there are several
async def twice(ask, first_question, second_question):
    first = await ask(first_question)
    second = await ask(second_question)
    return [first.content[1].text, second.content[1].text]
