# wrong: a second knob, which nobody asked for
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats, jobs):
        return await fan_out(make_jobs(), max_concurrency=seats)

    return figure(run_jobs, seats=(1, most), jobs=(1, 5))
