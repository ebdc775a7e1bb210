# wrong: the second one is number 1
def numbered(once):
    counts = {}

    async def inner(key, make):
        n = counts.get(key, 0)
        counts[key] = n + 1
        return await once(f"{key} ({n})" if n else key, make)

    return inner
