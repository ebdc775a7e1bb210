# wrong: one worker fails, always the first
async def works(task):
    return "a finding"


async def fails(task):
    raise RuntimeError("down")


async def names_gaps(system):
    try:
        answer = await system({"data": fails, "summary": works, "code": works})
    except Exception:
        return True
    return "missing: data" in answer and "missing: code" not in answer
