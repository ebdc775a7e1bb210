# wrong: below the limit, not up to it
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all(row.get(key) is not None and row[key] < limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    ]
