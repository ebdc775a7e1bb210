# right: calls itself with what is left
def shrunk(faults, breaks):
    for n in range(len(faults)):
        fewer = faults[:n] + faults[n + 1 :]
        if breaks(fewer):
            return shrunk(fewer, breaks)
    return list(faults)
