# wrong: the share of the first plan alone

from collections import Counter

def alike_in_kinds(plan, other):
    a, b = (Counter(s.kind for s in p.subtasks) for p in (plan, other))
    return (a & b).total() / a.total() if a else float(not b)
