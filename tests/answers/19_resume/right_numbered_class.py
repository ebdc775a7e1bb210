# right: an object with __call__
class Numbered:
    def __init__(self, once):
        self.once, self.asked = once, []

    async def __call__(self, key, make):
        self.asked.append(key)
        n = self.asked.count(key)
        return await self.once(key + (f" ({n})" if n > 1 else ""), make)


numbered = Numbered
