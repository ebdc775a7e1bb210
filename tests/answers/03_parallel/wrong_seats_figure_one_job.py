# wrong: only one of the jobs is run
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        jobs = make_jobs()
        for extra in list(jobs)[seats:]:
            jobs.pop(extra).close()
        return await fan_out(jobs)

    return figure(run_jobs, seats=(1, most))
