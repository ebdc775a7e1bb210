# wrong: shows the error as if it were a result
import asyncio


async def as_they_come(jobs, show):
    async def one(name):
        try:
            result = await jobs[name]
        except ValueError as error:
            result = error
        show(name, result)
        return name, result

    return dict(await asyncio.gather(*map(one, jobs)))
