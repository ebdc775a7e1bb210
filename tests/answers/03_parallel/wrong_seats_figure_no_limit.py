# wrong: the knob turns nothing
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        return await fan_out(make_jobs())

    return figure(run_jobs, seats=(1, most))
