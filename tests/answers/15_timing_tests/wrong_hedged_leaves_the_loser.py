# wrong: the loser goes on
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask())]
    await asyncio.wait(calls, timeout=after)
    if not calls[0].done() or calls[0].exception():
        calls.append(asyncio.create_task(ask()))
    failed = None
    for call in asyncio.as_completed(calls):
        try:
            return await call
        except Exception as error:
            failed = error
    raise failed
