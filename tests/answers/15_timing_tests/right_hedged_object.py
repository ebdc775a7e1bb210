# right: an object that can be called
import asyncio


class Race:
    async def __call__(self, ask, after):
        first = asyncio.create_task(ask())
        calls = {first}
        try:
            await asyncio.wait(calls, timeout=after)
            if first.done() and first.exception() is None:
                return first.result()
            calls.add(asyncio.create_task(ask()))
            return await self.first_answer(calls)
        finally:
            for call in calls:
                call.cancel()

    async def first_answer(self, calls):
        error = None
        for call in asyncio.as_completed(calls):
            try:
                return await call
            except Exception as failure:
                error = failure
        raise error


hedged = Race()
