# right: every set of one or two, by combinations
from itertools import combinations

NAMES = ["data", "summary", "code"]


def crew(lost):
    async def ask(name):
        if name in lost:
            raise RuntimeError("down")
        return f"<{name}>"

    return {name: (lambda task, name=name: ask(name)) for name in NAMES}


async def names_gaps(system):
    for size in range(3):
        for lost in combinations(NAMES, size):
            try:
                answer = await system(crew(lost))
            except Exception:
                if not lost:
                    return False
            else:
                named = [name for name in NAMES if f"missing: {name}" in answer]
                found = [name for name in NAMES if f"<{name}>" in answer]
                if named != list(lost) or set(found) | set(lost) != set(NAMES):
                    return False
    return True
