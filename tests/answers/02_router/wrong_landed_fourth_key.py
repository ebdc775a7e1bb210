# wrong: a key for the failed ones of its own
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0, "failed": 0}
    for label, said in pairs:
        place = "wrong specialist" if said in specialists else "desk"
        counts["failed" if said == "failed" else "right" if label == said else place] += 1
    return counts
