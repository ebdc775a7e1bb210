# wrong: asks first whether somebody is there
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        if said not in specialists:
            counts["desk"] += 1
        elif said != label:
            counts["wrong specialist"] += 1
        else:
            counts["right"] += 1
    return counts
