# wrong: a tool that is gone ends it
def changes(pins, now):
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(n for n in pins if pins[n] != now[n]),
    }
