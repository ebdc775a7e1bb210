# right: a plain function that runs fan_out itself
from mas_helpers import fan_out, figure, run


def seats_figure(make_jobs, most):
    def run_jobs(seats):
        return run(fan_out(make_jobs(), max_concurrency=seats))

    return figure(run_jobs, seats=(1, most, 1))
