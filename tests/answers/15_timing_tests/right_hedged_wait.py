# right: asyncio.wait, until somebody has answered
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask())]
    try:
        done, going = await asyncio.wait(calls, timeout=after)
        if not any(not call.exception() for call in done):
            calls.append(asyncio.create_task(ask()))
            going.add(calls[-1])
        while going and not any(call.done() and not call.exception() for call in calls):
            _, going = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
        good = [call for call in calls if call.done() and not call.exception()]
        return (good or calls)[0].result()
    finally:
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
