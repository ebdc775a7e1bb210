# wrong: empties the plan's own needs on the way
def waves(plan):
    left, found = dict(enumerate(plan.subtasks, 1)), []
    while left:
        wave = [n for n, s in left.items() if not s.needs]
        if not wave:
            raise ValueError("circle")
        found.append(wave)
        left = {n: s for n, s in left.items() if n not in wave}
        for s in left.values():
            s.needs[:] = [m for m in s.needs if m not in wave]
    return found
