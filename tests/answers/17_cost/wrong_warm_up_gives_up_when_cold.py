# wrong: without a cache no job is done

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    try:
        await warm
    except Exception:
        for job in jobs.values():
            job.close()
        return {}
    return await fan_out(jobs)
