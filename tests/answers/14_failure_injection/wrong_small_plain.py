# wrong: no async def: nothing comes back that can be awaited
def small(question, tasks, workers, synthesizer):
    return "All of it.", []
