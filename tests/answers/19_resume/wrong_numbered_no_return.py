# wrong: what the step gave is lost
from collections import Counter


def numbered(once):
    asked = Counter()

    async def inner(key, make):
        asked[key] += 1
        await once(key if asked[key] == 1 else f"{key} ({asked[key]})", make)

    return inner
