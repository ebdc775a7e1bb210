# right: loops that give up
def choose(rows, most, needs):
    chosen = []
    for name, row in rows.items():
        for key, limit in most.items():
            value = row.get(key)
            if value is None or value > limit:
                break
        else:
            for need in needs:
                if row.get(need) is not True:
                    break
            else:
                chosen.append(name)
    return chosen
