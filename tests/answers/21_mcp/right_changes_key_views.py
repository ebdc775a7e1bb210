# right: the keys as sets
def changes(pins, now):
    both = pins.keys() & now.keys()
    return dict(
        new=sorted(now.keys() - pins.keys()),
        gone=sorted(pins.keys() - now.keys()),
        changed=sorted(name for name in both if pins[name] != now[name]),
    )
