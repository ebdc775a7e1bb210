# wrong: it counts when the answer is there
def numbered(once):
    counts = {}

    async def inner(key, make):
        n = counts.get(key, 0) + 1
        value = await once(key if n == 1 else f"{key} ({n})", make)
        counts[key] = n
        return value

    return inner
