# wrong: it approves what it found
def changes(pins, now):
    result = {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(n for n in pins if n in now and pins[n] != now[n]),
    }
    pins.update(now)
    return result
