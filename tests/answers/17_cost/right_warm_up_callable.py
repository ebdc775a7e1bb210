# right: the object itself, with `async def __call__`

from mas_helpers import fan_out


class Warmed:
    async def __call__(self, warm, jobs):
        try:
            await warm
        except Exception:
            pass
        return await fan_out(jobs)


warm_up = Warmed()
