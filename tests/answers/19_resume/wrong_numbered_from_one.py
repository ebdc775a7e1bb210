# wrong: the first one has a number too
from collections import Counter


def numbered(once):
    asked = Counter()

    async def inner(key, make):
        asked[key] += 1
        return await once(f"{key} ({asked[key]})", make)

    return inner
