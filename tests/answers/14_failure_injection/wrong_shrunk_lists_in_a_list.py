# wrong: every step of the way in a list
def shrunk(faults, breaks):
    steps, n = [list(faults)], 0
    while n < len(steps[-1]):
        fewer = steps[-1][:n] + steps[-1][n + 1 :]
        if breaks(fewer):
            steps.append(fewer)
            n = 0
        else:
            n += 1
    return steps
