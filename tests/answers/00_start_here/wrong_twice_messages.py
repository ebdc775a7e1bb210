# wrong: returns the replies, not their texts
async def twice(ask, first_question, second_question):
    return [await ask(first_question), await ask(second_question)]
