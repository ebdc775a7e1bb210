# wrong: an early failure waits until `after`
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask())]
    try:
        done, _ = await asyncio.wait(calls, timeout=after)
        if done and not calls[0].exception():
            return calls[0].result()
        if done:
            await asyncio.sleep(after)
        calls.append(asyncio.create_task(ask()))
        for call in asyncio.as_completed(calls):
            try:
                return await call
            except Exception as error:
                failed = error
        raise failed
    finally:
        for call in calls:
            call.cancel()
