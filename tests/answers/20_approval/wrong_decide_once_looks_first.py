# wrong: it looks, then it writes
def decide_once(db, key, decision):
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    if row[0]:
        return False, row[0]
    db.execute("UPDATE requests SET decision = ? WHERE key = ?", (decision, key))
    return True, decision
