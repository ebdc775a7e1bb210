# right: an object whose plain __call__ hands a coroutine on
import asyncio


class Limited:
    def __init__(self, seats):
        self.seats = seats

    def __call__(self, jobs):
        return self.work(jobs, asyncio.Semaphore(self.seats))

    @staticmethod
    async def work(jobs, room):
        async def one(name):
            async with room:
                return name, await jobs[name]

        return dict(await asyncio.gather(*map(one, jobs)))


two_at_a_time = Limited(2)
