# wrong: fan_out is called and not awaited
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        waiting = fan_out(make_jobs(), max_concurrency=seats)
        waiting.close()

    return figure(run_jobs, seats=(1, most))
