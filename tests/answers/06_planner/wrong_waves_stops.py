# wrong: leaves out what can never begin
def waves(plan):
    left, done, found = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}, set(), []
    while wave := [n for n in left if left[n] <= done]:
        found.append(wave)
        done |= set(wave)
        left = {n: needs for n, needs in left.items() if n not in done}
    return found
