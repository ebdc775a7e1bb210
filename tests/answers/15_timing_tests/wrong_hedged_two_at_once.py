# wrong: both begin at once
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask()) for _ in range(2)]
    try:
        for call in asyncio.as_completed(calls):
            try:
                return await call
            except Exception as error:
                failed = error
        raise failed
    finally:
        for call in calls:
            call.cancel()
