# right: for with else, round and round
def shrunk(faults, breaks):
    left = faults[:]
    while True:
        for place in range(len(left)):
            fewer = [one for n, one in enumerate(left) if n != place]
            if breaks(fewer):
                left = fewer
                break
        else:
            return left
