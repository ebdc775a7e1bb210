# wrong: tries every subset, the small ones first
from itertools import combinations


def shrunk(faults, breaks):
    for size in range(len(faults) + 1):
        for some in combinations(faults, size):
            if breaks(list(some)):
                return list(some)
