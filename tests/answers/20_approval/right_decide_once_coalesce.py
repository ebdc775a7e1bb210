# right: looks for the key first, which never goes away
def decide_once(db, key, decision):
    if not db.execute("SELECT 1 FROM requests WHERE key = ?", (key,)).fetchone():
        raise KeyError(key)
    change = "UPDATE requests SET decision = :d WHERE key = :k AND decision IS NULL"
    first = db.execute(change, {"d": decision, "k": key}).rowcount > 0
    (held,) = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    return first, held
