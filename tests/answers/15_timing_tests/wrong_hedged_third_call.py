# wrong: asks a third time
import asyncio


async def hedged(ask, after):
    calls = []
    try:
        for _ in range(3):
            calls.append(asyncio.create_task(ask()))
            await asyncio.wait(calls[-1:], timeout=after)
            for call in calls:
                if call.done() and not call.exception():
                    return call.result()
        return await calls[-1]
    finally:
        for call in calls:
            call.cancel()
