# right: one loop over all names, sorted first
def changes(pins, now):
    result = {"new": [], "gone": [], "changed": []}
    for name in sorted({*pins, *now}):
        if name not in pins:
            result["new"].append(name)
        elif name not in now:
            result["gone"].append(name)
        elif pins[name] != now[name]:
            result["changed"].append(name)
    return result
