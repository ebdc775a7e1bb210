# right: it begins with two seats, and says how long it took
from mas_helpers import fan_out, figure, trace


def seats_figure(make_jobs, most):
    async def run_jobs(seats=2):
        with trace() as together:
            await fan_out(make_jobs(), max_concurrency=seats)
        return f"{together.seconds} s"

    return figure(run_jobs, seats=(1, most))
