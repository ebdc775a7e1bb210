# right: those who drop out, taken away
def choose(rows, most, needs):
    out = set()
    for name, row in rows.items():
        for key, limit in most.items():
            try:
                if row[key] > limit:
                    out.add(name)
            except (KeyError, TypeError):
                out.add(name)
        if not all(row.get(need) is True for need in needs):
            out.add(name)
    return [name for name in rows if name not in out]
