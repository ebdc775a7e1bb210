# wrong: what is new is called gone
def changes(pins, now):
    return {
        "new": sorted(set(pins) - set(now)),
        "gone": sorted(set(now) - set(pins)),
        "changed": sorted(n for n in pins if n in now and pins[n] != now[n]),
    }
