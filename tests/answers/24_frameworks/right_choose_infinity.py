# right: what isn't known is infinitely much
import math


def choose(rows, most, needs):
    def measured(row, key):
        value = row.get(key)
        return math.inf if value is None else value

    return [
        name
        for name in rows
        if not any(measured(rows[name], key) > limit for key, limit in most.items())
        and all(rows[name].get(need, False) for need in needs)
    ]
