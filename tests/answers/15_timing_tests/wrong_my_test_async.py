# wrong: async def: nothing has run yet when it's called
async def my_test(system, seconds):
    await system()
    assert seconds["planner"] > 0
