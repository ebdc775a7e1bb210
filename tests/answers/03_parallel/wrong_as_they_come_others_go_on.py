# wrong: gather lets the others go on after an error
import asyncio


async def as_they_come(jobs, show):
    async def one(name):
        result = await jobs[name]
        show(name, result)
        return name, result

    return dict(await asyncio.gather(*map(one, jobs)))
