# right: joins the text blocks without the helper
async def twice(ask, first_question, second_question):
    def text(reply):
        return "".join(block.text for block in reply.content if block.type == "text")

    return [text(await ask(first_question)), text(await ask(second_question))]
