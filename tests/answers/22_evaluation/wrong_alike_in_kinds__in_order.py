# wrong: compares place by place

def alike_in_kinds(plan, other):
    a, b = [s.kind for s in plan.subtasks], [s.kind for s in other.subtasks]
    same = sum(x == y for x, y in zip(a, b))
    either = len(a) + len(b) - same
    return same / either if either else 1.0
