# wrong: an error of a job is taken for one of the warm-up, and the jobs are awaited again

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    try:
        await warm
        return await fan_out(jobs)
    except Exception:
        return await fan_out(jobs)
