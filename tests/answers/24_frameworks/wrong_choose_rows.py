# wrong: the rows and not their names
def choose(rows, most, needs):
    return [
        row
        for row in rows.values()
        if all(row.get(key) is not None and row[key] <= limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    ]
