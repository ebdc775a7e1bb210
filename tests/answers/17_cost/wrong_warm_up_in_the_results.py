# wrong: the reply of the warm-up is among the results

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    results = {}
    try:
        results["warm"] = await warm
    except Exception as error:
        results["warm"] = error
    return results | await fan_out(jobs)
