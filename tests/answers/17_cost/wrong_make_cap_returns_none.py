# wrong: a job that doesn't fit gives None, and looks like one that was done


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            return None
        left -= most
        cost = 0
        try:
            cost = await job()
        finally:
            left += most - cost
        return cost

    return spend
