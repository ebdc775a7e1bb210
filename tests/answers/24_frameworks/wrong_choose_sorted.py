# wrong: sorted by name
def choose(rows, most, needs):
    return sorted(
        name
        for name, row in rows.items()
        if all(row.get(key) is not None and row[key] <= limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    )
