# wrong: its workers aren't async
async def names_gaps(system):
    def fails(task):
        raise RuntimeError("down")

    try:
        answer = await system({"data": fails, "summary": str, "code": str})
    except Exception:
        return True
    return "missing: data" in answer
