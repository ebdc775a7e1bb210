# right: assertions inside, as a test would have them
from itertools import chain, combinations

NAMES = ("data", "summary", "code")


def worker(name, lost):
    async def work(task):
        assert task
        if name in lost:
            raise RuntimeError("down")
        return f"{name} says"

    return work


async def try_it(system, lost):
    try:
        answer = await system({name: worker(name, lost) for name in NAMES})
    except Exception:
        assert lost, "it raised, and nobody had failed"
        return
    for name in NAMES:
        assert (f"missing: {name}" in answer) == (name in lost)
        assert (f"{name} says" in answer) == (name not in lost)


async def names_gaps(system):
    try:
        for lost in chain([()], combinations(NAMES, 1), combinations(NAMES, 2)):
            await try_it(system, lost)
    except AssertionError:
        return False
    return True
