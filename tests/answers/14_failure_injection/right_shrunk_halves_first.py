# right: drops half where it may, then one by one
def shrunk(faults, breaks):
    left = list(faults)
    half = len(left) // 2
    while half and breaks(left[half:]):
        left = left[half:]
        half = len(left) // 2
    changed = True
    while changed:
        changed = False
        for n in reversed(range(len(left))):
            if breaks(left[:n] + left[n + 1 :]):
                del left[n]
                changed = True
    return left
