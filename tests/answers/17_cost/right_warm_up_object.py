# right: an object that is called, with a helper that returns the error

from mas_helpers import fan_out


class Warm:
    async def __call__(self, warm, jobs):
        await outcome(warm)
        return await fan_out(jobs)


async def outcome(job):
    try:
        return await job
    except Exception as error:
        return error


_warmer = Warm()


async def warm_up(warm, jobs):
    return await _warmer(warm, jobs)
