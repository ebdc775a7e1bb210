# right: by filter and a function
def choose(rows, most, needs):
    def fits(name):
        known = {key: value for key, value in rows[name].items() if value is not None}
        if not set(most) <= set(known):
            return False
        return all(known[key] <= most[key] for key in most) and all(known.get(n) for n in needs)

    return list(filter(fits, rows))
