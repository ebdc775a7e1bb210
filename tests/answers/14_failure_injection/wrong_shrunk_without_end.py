# wrong: while it breaks: never over where nothing can go
def shrunk(faults, breaks):
    left = list(faults)
    while left:
        for n in range(len(left)):
            if len(left) > 1 and breaks(left[:n] + left[n + 1 :]):
                del left[n]
                break
    return left
