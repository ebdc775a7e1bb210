# right: an object whose __call__ is async
import asyncio


class Nap:
    def __init__(self, seconds):
        self.seconds = seconds

    async def __call__(self):
        await asyncio.sleep(self.seconds)


nap = Nap(90)
