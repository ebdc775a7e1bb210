# wrong: goes round and round where nothing can begin
def waves(plan):
    left, done, found = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}, set(), []
    while left:
        wave = [n for n in left if left[n] <= done]
        found.append(wave)
        done |= set(wave)
        left = {n: needs for n, needs in left.items() if n not in done}
    return found
