# right: two at once, and all three as well
from itertools import product


async def names_gaps(system):
    for broken in product([False, True], repeat=3):
        down = dict(zip(["data", "summary", "code"], broken))
        answer = await outcome(system, down)
        if answer is None:
            if not any(broken):
                return False
        elif not all(told(answer, name, down[name]) for name in down):
            return False
    return True


async def outcome(system, down):
    def make(name):
        async def work(task):
            if down[name]:
                raise RuntimeError(name)
            return "found by " + name

        return work

    try:
        return await system({name: make(name) for name in down})
    except BaseException:
        return None


def told(answer, name, is_down):
    said, found = "missing: " + name in answer, "found by " + name in answer
    return said == is_down and found != is_down
