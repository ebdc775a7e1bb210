# right: a counter that counts by itself
import itertools
from collections import defaultdict


def numbered(once):
    numbers = defaultdict(lambda: itertools.count(1))

    async def count(key, make):
        number = next(numbers[key])
        if number == 1:
            return await once(key, make)
        return await once(f"{key} ({number})", make)

    return count
