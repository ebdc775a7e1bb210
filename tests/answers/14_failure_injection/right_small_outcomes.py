# right: outcome_of from lesson 13
from mas_helpers import fan_out
from mas_helpers.agents import outcome_of, with_deadline


async def small(question, tasks, workers, synthesizer):
    async def work():
        jobs = {name: outcome_of(workers[name].run(task)) for name, task in tasks.items()}
        outcomes = await fan_out(jobs)
        good = {name: one.value for name, one in outcomes.items() if one.kind == "ok"}
        if not good:
            raise RuntimeError("; ".join(f"{name}: {one}" for name, one in outcomes.items()))
        lines = [f"Question: {question}", *good.values()]
        return await synthesizer.run("\n".join(lines)), sorted(set(tasks) - set(good))

    return await with_deadline(work(), 40)
