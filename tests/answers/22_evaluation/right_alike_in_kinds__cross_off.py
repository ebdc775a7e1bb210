# right: each shared kind is crossed off a list

def alike_in_kinds(plan, other):
    left = [s.kind for s in other.subtasks]
    shared = 0
    for s in plan.subtasks:
        if s.kind in left:
            left.remove(s.kind)
            shared += 1
    total = len(plan.subtasks) + len(left)
    return 1.0 if total == 0 else shared / total
