# right: both put what came into a queue
import asyncio


async def hedged(ask, after):
    came = asyncio.Queue()

    async def call():
        try:
            await came.put((await ask(), None))
        except Exception as error:
            await came.put((None, error))

    calls = [asyncio.create_task(call())]
    try:
        failed = None
        try:
            async with asyncio.timeout(after):
                answer, failed = await came.get()
            if failed is None:
                return answer
        except TimeoutError:
            pass
        calls.append(asyncio.create_task(call()))
        for _ in range(2 if failed is None else 1):
            answer, error = await came.get()
            if error is None:
                return answer
            failed = error
        raise failed
    finally:
        for one in calls:
            one.cancel()
