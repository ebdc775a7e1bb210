# right: two sorted lists are merged

def alike_in_kinds(plan, other):
    one = sorted(s.kind for s in plan.subtasks)
    two = sorted(s.kind for s in other.subtasks)
    i = j = shared = 0
    while i < len(one) and j < len(two):
        if one[i] == two[j]:
            shared, i, j = shared + 1, i + 1, j + 1
        elif one[i] < two[j]:
            i += 1
        else:
            j += 1
    either = len(one) + len(two) - shared
    return shared / either if either else 1.0
