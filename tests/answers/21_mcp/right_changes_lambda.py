# right: a lambda with filter
changes = lambda pins, now: {
    "changed": sorted(filter(lambda n: n in now and now[n] != pins[n], pins)),
    "gone": sorted(set(pins).difference(now)),
    "new": sorted(set(now).difference(pins)),
}
