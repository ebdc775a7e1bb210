# wrong: the word is enough, whosever it is
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
                if not lost:
                    return False
                continue
            if ("missing" in answer) != bool(lost):
                return False
            if any(f"<{name}>" not in answer for name in NAMES if name not in lost):
                return False
    return True
