# right: again from the start after each that goes
def shrunk(faults, breaks):
    left, place = list(faults), 0
    while place < len(left):
        fewer = left[:place] + left[place + 1 :]
        if breaks(fewer):
            left, place = fewer, 0
        else:
            place += 1
    return left
