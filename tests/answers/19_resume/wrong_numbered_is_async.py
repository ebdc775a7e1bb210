# wrong: numbered itself has to be awaited
from collections import Counter


async def numbered(once):
    asked = Counter()

    async def inner(key, make):
        asked[key] += 1
        return await once(key if asked[key] == 1 else f"{key} ({asked[key]})", make)

    return inner
