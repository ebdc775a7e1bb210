# right: the inner function hands the coroutine on
from collections import Counter


def numbered(once):
    asked = Counter()

    def inner(key, make):
        asked.update([key])
        return once(key if asked[key] < 2 else f"{key} ({asked[key]})", make)

    return inner
