# wrong: a measured 0 counts as unknown
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all(row.get(key) and row[key] <= limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    ]
