# right: sums of minima and maxima over counters

from collections import Counter

def alike_in_kinds(plan, other):
    a = Counter(s.kind for s in plan.subtasks)
    b = Counter(s.kind for s in other.subtasks)
    kinds = a.keys() | b.keys()
    both = sum(min(a[k], b[k]) for k in kinds)
    either = sum(max(a[k], b[k]) for k in kinds)
    return both / either if either else 1
