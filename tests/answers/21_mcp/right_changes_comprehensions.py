# right: a list for each, by what is in the other
def changes(pins, now):
    return {
        "new": sorted(n for n in now if n not in pins),
        "gone": sorted(n for n in pins if n not in now),
        "changed": sorted(n for n in pins if n in now and pins[n] != now[n]),
    }
