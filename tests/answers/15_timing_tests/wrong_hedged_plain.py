# wrong: no async def, and nothing to await
def hedged(ask, after):
    return "answer 1"
