# wrong: unknown is taken for a yes
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all(row.get(key) is not None and row[key] <= limit for key, limit in most.items())
        and all(row.get(key) is not False for key in needs)
    ]
