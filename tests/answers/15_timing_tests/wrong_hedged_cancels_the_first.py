# wrong: wait_for cancels the first call
import asyncio


async def hedged(ask, after):
    try:
        return await asyncio.wait_for(ask(), after)
    except Exception:
        return await ask()
