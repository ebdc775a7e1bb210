# wrong: three lists without their keys
def changes(pins, now):
    new = sorted(set(now) - set(pins))
    gone = sorted(set(pins) - set(now))
    changed = sorted(n for n in pins if n in now and pins[n] != now[n])
    return new, gone, changed
