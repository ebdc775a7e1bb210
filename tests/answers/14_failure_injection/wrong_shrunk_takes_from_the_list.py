# wrong: empties the list that it was given
def shrunk(faults, breaks):
    n = 0
    while n < len(faults):
        one = faults.pop(n)
        if breaks(faults):
            n = 0
        else:
            faults.insert(n, one)
            n += 1
    return faults
