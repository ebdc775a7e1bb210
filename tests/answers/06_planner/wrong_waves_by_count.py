# wrong: as many needs, as late a wave
def waves(plan):
    found = {}
    for n, s in enumerate(plan.subtasks, 1):
        if not all(1 <= m <= len(plan.subtasks) and m != n for m in s.needs):
            raise ValueError("unknown")
        found.setdefault(len(set(s.needs)), []).append(n)
    return [found[k] for k in sorted(found)]
