# wrong: one count for all keys
def numbered(once):
    n = 0

    async def inner(key, make):
        nonlocal n
        n += 1
        return await once(key if n == 1 else f"{key} ({n})", make)

    return inner
