# wrong: a set counts equal pairs once
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in set(pairs):
        place = "wrong specialist" if said in specialists else "desk"
        counts["right" if label == said else place] += 1
    return counts
