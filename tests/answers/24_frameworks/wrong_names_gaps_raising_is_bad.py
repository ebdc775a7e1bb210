# wrong: an error that propagates counts as hidden
from itertools import combinations

NAMES = ["data", "summary", "code"]


async def names_gaps(system):
    for size in range(3):
        for lost in combinations(NAMES, size):

            def make(name, lost=lost):
                async def work(task):
                    if name in lost:
                        raise RuntimeError("down")
                    return f"<{name}>"

                return work

            try:
                answer = await system({name: make(name) for name in NAMES})
            except Exception:
                return False
            if any((f"missing: {name}" in answer) != (name in lost) for name in NAMES):
                return False
    return True
