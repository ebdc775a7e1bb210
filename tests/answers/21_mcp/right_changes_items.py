# right: what differs between the items, without what is new or gone
def changes(pins, now):
    different = {name for name, _ in pins.items() ^ now.items()}
    new, gone = set(now) - set(pins), set(pins) - set(now)
    return {"new": sorted(new), "gone": sorted(gone), "changed": sorted(different - new - gone)}
