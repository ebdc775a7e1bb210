# wrong: a generator, where a list is asked for
def shrunk(faults, breaks):
    left, n = list(faults), 0
    while n < len(left):
        fewer = left[:n] + left[n + 1 :]
        left, n = (fewer, 0) if breaks(fewer) else (left, n + 1)
    yield from left
