# wrong: goes through once: what was kept is not tried again
def shrunk(faults, breaks):
    left = list(faults)
    for one in faults:
        place = left.index(one)
        if breaks(left[:place] + left[place + 1 :]):
            del left[place]
    return left
