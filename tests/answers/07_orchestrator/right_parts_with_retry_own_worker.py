# right: a worker that asks twice, handed to run_subtask
from mas_helpers.agents import FAILURES


class Twice:
    def __init__(self, worker):
        self.worker, self.name = worker, worker.name

    async def run(self, prompt):
        try:
            return await self.worker.run(prompt)
        except FAILURES:
            return await self.worker.run(prompt)

    async def parse(self, prompt, output_type):
        return await self.worker.parse(prompt, output_type)


async def parts_with_retry(plan, workers):
    jobs = {n: run_subtask(s, Twice(workers[s.kind])) for n, s in enumerate(plan.subtasks)}
    return list((await fan_out(jobs)).values())
