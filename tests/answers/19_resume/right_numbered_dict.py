# right: a plain dictionary
def numbered(once):
    counts = {}

    async def inner(key, make):
        counts[key] = counts.get(key, 0) + 1
        n = counts[key]
        return await once(f"{key} ({n})" if n > 1 else key, make)

    return inner
