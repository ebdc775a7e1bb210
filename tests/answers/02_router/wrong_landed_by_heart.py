# wrong: knows the three specialists by heart
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        there = said in ("billing", "booking", "repair")
        counts["right" if label == said else "wrong specialist" if there else "desk"] += 1
    return counts
