# right: a Counter with all three keys
from collections import Counter


def landed(pairs, specialists):
    counts = Counter({"right": 0, "desk": 0, "wrong specialist": 0})
    for label, said in pairs:
        place = "wrong specialist" if said in specialists else "desk"
        counts["right" if label == said else place] += 1
    return counts
