# right: fan_out of outcomes, with the deadline of the lesson around each
from mas_helpers import fan_out
from mas_helpers.agents import outcome_of, with_deadline


async def gather_outcomes(jobs, deadline):
    return await fan_out(
        {name: outcome_of(with_deadline(job, deadline)) for name, job in jobs.items()}
    )
