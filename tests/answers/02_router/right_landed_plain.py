# right: the plain one
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        if label == said:
            counts["right"] += 1
        elif said in specialists:
            counts["wrong specialist"] += 1
        else:
            counts["desk"] += 1
    return counts
