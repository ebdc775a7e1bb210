# right: tries to look it up
def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        try:
            specialists[said]
            place = "wrong specialist"
        except KeyError:
            place = "desk"
        counts[place if label != said else "right"] += 1
    return counts
