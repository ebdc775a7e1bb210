# right: a generator finds the next that can go
def shrunk(faults, breaks):
    left = list(faults)
    while left:
        smaller = (left[:n] + left[n + 1 :] for n in range(len(left)))
        found = next(filter(breaks, smaller), None)
        if found is None:
            break
        left = found
    return left
