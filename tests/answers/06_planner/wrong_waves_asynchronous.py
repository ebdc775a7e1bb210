# wrong: async def, although nothing is awaited
async def waves(plan):
    return [[n] for n, _ in enumerate(plan.subtasks, 1)]
