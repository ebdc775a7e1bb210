# wrong: the function comes back, not a figure of it
from mas_helpers import fan_out


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        return await fan_out(make_jobs(), max_concurrency=seats)

    return run_jobs
