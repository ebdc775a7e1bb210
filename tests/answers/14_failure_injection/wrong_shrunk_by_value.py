# wrong: leaves out every fault that is equal
def shrunk(faults, breaks):
    left, again = list(faults), True
    while again:
        again = False
        for one in left:
            fewer = [other for other in left if other != one]
            if breaks(fewer):
                left, again = fewer, True
                break
    return left
