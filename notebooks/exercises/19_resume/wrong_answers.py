"""Tempting wrong answers to the exercises of 19_resume, and what to ask back."""

import uuid
from collections import Counter


async def pay_once(kept, service, bill):
    """The key is new in each life. If the process dies after the service has paid and before the
    receipt is kept, the next life sends another key, and the service pays again.

    Ask back: what does the service see in the second life? How could it know that it's the same?
    """
    if bill not in kept:
        kept[bill] = await service.pay(bill, key=str(uuid.uuid4()))
    return kept[bill]


def numbered(once):
    """It counts after the answer is there. Of three that ask at once, all see the count of none,
    so all three have the same key: one vote, three times.

    Ask back: what does the second one see in the counter while the first one waits?
    """
    asked = Counter()

    async def numbered_once(key, make):
        name = f"{key} ({asked[key] + 1})" if asked[key] else key
        value = await once(name, make)
        asked[key] += 1
        return value

    return numbered_once
