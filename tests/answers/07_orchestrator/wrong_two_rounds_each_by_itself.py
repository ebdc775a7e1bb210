# wrong: asks what_next for each part as it comes
async def two_rounds(plan, workers, what_next):
    async def one_part(one):
        part = await run_subtask(one, workers[one.kind])
        return [part, *[await run_subtask(s, workers[s.kind]) for s in what_next([part])]]

    found = await fan_out({n: one_part(one) for n, one in enumerate(plan.subtasks)})
    return [part for parts in found.values() for part in parts]
