# wrong: a new tool is called changed too
def changes(pins, now):
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(n for n in now if now[n] != pins.get(n)),
    }
