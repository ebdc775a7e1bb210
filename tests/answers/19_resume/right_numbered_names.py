# right: the names that are taken
def numbered(once):
    taken = set()

    async def inner(key, make):
        name, n = key, 1
        while name in taken:
            n += 1
            name = f"{key} ({n})"
        taken.add(name)
        return await once(name, make)

    return inner
