# wrong: the system's error leaves the test
async def names_gaps(system):
    async def works(task):
        return "found"

    async def fails(task):
        raise RuntimeError("down")

    healthy = await system({"data": works, "summary": works, "code": works})
    broken = await system({"data": works, "summary": fails, "code": works})
    return "missing" not in healthy and "missing: summary" in broken
