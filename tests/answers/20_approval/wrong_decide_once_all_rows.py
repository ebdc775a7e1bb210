# wrong: every open row is decided
def decide_once(db, key, decision):
    if not db.execute("SELECT 1 FROM requests WHERE key = ?", (key,)).fetchone():
        raise KeyError(key)
    first = db.execute("UPDATE requests SET decision = ? WHERE decision IS NULL", (decision,)).rowcount
    held = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()[0]
    return first > 0 and held == decision, held
