# wrong: the caller's list is sorted afterwards
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    pairs.sort()
    for label, said in pairs:
        place = "wrong specialist" if said in specialists else "desk"
        counts["right" if label == said else place] += 1
    return counts
