# wrong: async def, where nothing is awaited
async def shrunk(faults, breaks):
    left, n = list(faults), 0
    while n < len(left):
        fewer = left[:n] + left[n + 1 :]
        left, n = (fewer, 0) if breaks(fewer) else (left, n + 1)
    return left
