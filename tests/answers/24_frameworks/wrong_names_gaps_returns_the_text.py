# wrong: it returns what it found, and no verdict
async def works(task):
    return "a finding"


async def fails(task):
    raise RuntimeError("down")


async def names_gaps(system):
    return await system({"data": works, "summary": fails, "code": works})
