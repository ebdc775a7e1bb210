# right: list.count, and rounded to two places

def alike_in_kinds(plan, other):
    mine = [s.kind for s in plan.subtasks]
    theirs = [s.kind for s in other.subtasks]
    if not mine and not theirs:
        return 1
    shared = sum(min(mine.count(k), theirs.count(k)) for k in set(mine))
    return round(shared / (len(mine) + len(theirs) - shared), 2)
