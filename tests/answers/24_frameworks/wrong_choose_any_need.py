# wrong: one of the needs is enough
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all(row.get(key) is not None and row[key] <= limit for key, limit in most.items())
        and (not needs or any(row.get(key) for key in needs))
    ]
