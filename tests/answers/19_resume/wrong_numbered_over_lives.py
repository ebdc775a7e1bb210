# wrong: it counts on over all lives
from collections import Counter

asked = Counter()


def numbered(once):
    async def inner(key, make):
        asked[key] += 1
        return await once(key if asked[key] == 1 else f"{key} ({asked[key]})", make)

    return inner
