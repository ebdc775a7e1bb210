# wrong: two empty plans divide by zero

from collections import Counter

def alike_in_kinds(plan, other):
    a, b = (Counter(s.kind for s in p.subtasks) for p in (plan, other))
    return (a & b).total() / (a | b).total()
