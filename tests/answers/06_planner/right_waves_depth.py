# right: the depth of each subtask, by recursion
def waves(plan):
    needs = {n: s.needs for n, s in enumerate(plan.subtasks, 1)}

    def depth(n, path=()):
        if n in path or n not in needs:
            raise ValueError(f"{n} can never begin")
        return 1 + max((depth(m, (*path, n)) for m in needs[n]), default=-1)

    found = {}
    for n in needs:
        found.setdefault(depth(n), []).append(n)
    return [found[level] for level in sorted(found)]
