# wrong: two tools that swap what they say are not seen
def changes(pins, now):
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(n for n in set(pins) & set(now) if now[n] not in pins.values()),
    }
