# wrong: takes the subtasks out of the plan

def alike_in_kinds(plan, other):
    total = len(plan.subtasks) + len(other.subtasks)
    if not total:
        return 1.0
    left, shared = [s.kind for s in other.subtasks], 0
    while plan.subtasks:
        kind = plan.subtasks.pop().kind
        if kind in left:
            left.remove(kind)
            shared += 1
    return shared / (total - shared)
