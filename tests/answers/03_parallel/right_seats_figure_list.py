# right: a button for each number of seats
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        await fan_out(make_jobs(), max_concurrency=seats)

    return figure(run_jobs, seats=[*range(1, most + 1)])
