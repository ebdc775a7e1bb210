# wrong: an empty list is left out
def changes(pins, now):
    found = {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(n for n in pins if n in now and pins[n] != now[n]),
    }
    return {key: names for key, names in found.items() if names}
