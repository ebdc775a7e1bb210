"""Solutions to the exercises of 09_error_handling."""

import asyncio
from dataclasses import replace

from anthropic import InternalServerError, RateLimitError

from mas_helpers.agents import outcome_of


async def gather_outcomes(jobs, deadline):
    async def limited(job):
        async with asyncio.timeout(deadline):
            return await job

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(outcome_of(limited(job))) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return agent.name, await once.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
        if wait > cap:
            raise
    await asyncio.sleep(wait)
    return await once.run(prompt)
