# wrong: a name that isn't there breaks it
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all(row[key] is not None and row[key] <= limit for key, limit in most.items())
        and all(row[key] for key in needs)
    ]
