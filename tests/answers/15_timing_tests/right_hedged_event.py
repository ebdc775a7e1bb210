# right: the second waits for an event, or for its time
import asyncio


async def hedged(ask, after):
    early = asyncio.Event()

    async def first():
        try:
            return await ask()
        except Exception:
            early.set()
            raise

    async def second():
        try:
            async with asyncio.timeout(after):
                await early.wait()
        except TimeoutError:
            pass
        return await ask()

    calls = [asyncio.create_task(first()), asyncio.create_task(second())]
    try:
        errors = []
        for call in asyncio.as_completed(calls):
            try:
                return await call
            except Exception as error:
                errors.append(error)
        raise errors[-1]
    finally:
        for call in calls:
            call.cancel()
