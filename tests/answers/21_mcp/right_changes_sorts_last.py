# right: sorted in place at the end
def changes(pins, now):
    new = list(set(now) - set(pins))
    gone = list(set(pins) - set(now))
    changed = [n for n in now if pins.get(n, now[n]) != now[n]]
    for names in (new, gone, changed):
        names.sort()
    return {"new": new, "gone": gone, "changed": changed}
