# wrong: keeps one fault at least
def shrunk(faults, breaks):
    left, n = list(faults), 0
    while n < len(left) and len(left) > 1:
        fewer = left[:n] + left[n + 1 :]
        left, n = (fewer, 0) if breaks(fewer) else (left, n + 1)
    return left
