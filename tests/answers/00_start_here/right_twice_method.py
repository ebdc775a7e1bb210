# right: a method of an object
from mas_helpers import text_of


class Asker:
    async def both(self, ask, *questions):
        return [text_of(await ask(question)) for question in questions]


twice = Asker().both
