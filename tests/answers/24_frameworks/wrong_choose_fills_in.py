# wrong: it writes its guesses into the rows
def choose(rows, most, needs):
    for row in rows.values():
        for key in most:
            if row.get(key) is None:
                row[key] = float("inf")
        for key in needs:
            row.setdefault(key, False)
    return [
        name
        for name, row in rows.items()
        if all(row[key] <= limit for key, limit in most.items()) and all(row[k] for k in needs)
    ]
