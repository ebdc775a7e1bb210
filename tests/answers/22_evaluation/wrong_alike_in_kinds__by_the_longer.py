# wrong: divides by the longer plan, not by what is in either

from collections import Counter

def alike_in_kinds(plan, other):
    a, b = (Counter(s.kind for s in p.subtasks) for p in (plan, other))
    most = max(a.total(), b.total())
    return (a & b).total() / most if most else 1.0
