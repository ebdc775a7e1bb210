# wrong: yields the waves
def waves(plan):
    left, done = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}, set()
    while left:
        wave = [n for n in left if left[n] <= done]
        if not wave:
            raise ValueError("circle")
        yield wave
        done |= set(wave)
        left = {n: needs for n, needs in left.items() if n not in done}
