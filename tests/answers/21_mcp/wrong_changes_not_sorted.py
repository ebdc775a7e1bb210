# wrong: the names come in the order given
def changes(pins, now):
    return {
        "new": [n for n in now if n not in pins],
        "gone": [n for n in pins if n not in now],
        "changed": [n for n in pins if n in now and pins[n] != now[n]],
    }
