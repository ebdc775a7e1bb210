# wrong: what wasn't measured counts as 0
def choose(rows, most, needs):
    return [
        name
        for name, row in rows.items()
        if all((row.get(key) or 0) <= limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    ]
