# right: a TaskGroup, and a class with __call__
import asyncio


class Orchestrator:
    async def __call__(self, question, planner, workers, synthesizer, critical):
        plan = await make_plan(question, planner, workers)
        async with asyncio.TaskGroup() as group:
            jobs = [run_subtask(one, workers[one.kind]) for one in plan.subtasks]
            tasks = [group.create_task(job) for job in jobs]
        return await self.put_together(question, [t.result() for t in tasks], synthesizer, critical)

    async def put_together(self, question, parts, synthesizer, critical):
        for part in parts:
            if part.missing and part.subtask.kind in critical:
                raise RuntimeError(part.subtask.kind)
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        text = await synthesizer.run(synthesis_prompt(question, parts))
        return OrchestrationResult(text, parts)


orchestrate_or_raise = Orchestrator()
