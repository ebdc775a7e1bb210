# wrong: a warm-up that fails takes the whole run with it

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    await warm
    return await fan_out(jobs)
