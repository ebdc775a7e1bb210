# wrong: True or False, not a share

def alike_in_kinds(plan, other):
    return sorted(s.kind for s in plan.subtasks) == sorted(s.kind for s in other.subtasks)
