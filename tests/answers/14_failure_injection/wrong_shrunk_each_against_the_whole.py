# wrong: leaves each out of the whole list
def shrunk(faults, breaks):
    return [one for n, one in enumerate(faults) if not breaks(faults[:n] + faults[n + 1 :])]
