# wrong: catches CancelledError, too, and goes on
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask())]
    try:
        await asyncio.wait(calls, timeout=after)
        if not calls[0].done() or calls[0].exception():
            calls.append(asyncio.create_task(ask()))
        for call in asyncio.as_completed(calls):
            try:
                return await call
            except BaseException as error:
                failed = error
        raise failed
    finally:
        for call in calls:
            call.cancel()
