# right: an error of its own that is a ValueError
class CannotBegin(ValueError):
    pass


def waves(plan):
    count, done, found = len(plan.subtasks), [], []
    while len(done) < count:
        wave = []
        for n in range(1, count + 1):
            if n not in done and all(m in done for m in plan.subtasks[n - 1].needs):
                wave.append(n)
        if not wave:
            raise CannotBegin
        done += wave
        found.append(wave)
    return found
