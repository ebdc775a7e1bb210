# wrong: looks when the synthesizer has been paid
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    result = await orchestrate(question, planner, workers, synthesizer)
    for part in result.parts:
        if part.missing and part.subtask.kind in critical:
            raise RuntimeError(part.subtask.kind)
    return result
