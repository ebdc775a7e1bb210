# wrong: compares the words of the tasks as well

from collections import Counter

def alike_in_kinds(plan, other):
    a, b = (Counter((s.kind, s.task) for s in p.subtasks) for p in (plan, other))
    either = (a | b).total()
    return (a & b).total() / either if either else 1.0
