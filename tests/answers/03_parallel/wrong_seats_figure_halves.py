# wrong: one and a half seats
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        return await fan_out(make_jobs(), max_concurrency=int(seats))

    return figure(run_jobs, seats=(1, most, 0.5))
