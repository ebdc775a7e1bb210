# wrong: a number that is not there counts as done
def waves(plan):
    count, done, found = len(plan.subtasks), set(), []
    while len(done) < count:
        wave = [
            n
            for n, s in enumerate(plan.subtasks, 1)
            if n not in done and all(m in done or not 1 <= m <= count for m in s.needs)
        ]
        if not wave:
            raise ValueError("circle")
        found.append(wave)
        done |= set(wave)
    return found
