# wrong: everybody hears that they were first
def decide_once(db, key, decision):
    db.execute("UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL", (decision, key))
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    return True, row[0]
