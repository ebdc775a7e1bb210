# wrong: sets, which have no order
def changes(pins, now):
    return {
        "new": set(now) - set(pins),
        "gone": set(pins) - set(now),
        "changed": {n for n in pins if n in now and pins[n] != now[n]},
    }
