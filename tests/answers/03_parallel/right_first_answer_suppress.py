# right: awaits each cancelled task, and suppresses its CancelledError
import asyncio
from contextlib import suppress


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, rest = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    (first,) = done
    return names[first], await first
