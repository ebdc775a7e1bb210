# wrong: what is in the wave counts as done within it
def waves(plan):
    done, found, count = [], [], len(plan.subtasks)
    while len(done) < count:
        wave = []
        for n, s in enumerate(plan.subtasks, 1):
            if n not in done and set(s.needs) <= set(done):
                wave.append(n)
                done.append(n)
        if not wave:
            raise ValueError("circle")
        found.append(wave)
    return found
