# right: asks SQLite how many rows it changed
def decide_once(db, key, decision):
    before = db.total_changes
    done = db.execute(
        "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL", (decision, key)
    )
    first = done.rowcount > 0 and db.total_changes > before
    for (held,) in db.execute("SELECT decision FROM requests WHERE key = ?", (key,)):
        return [first, held]
    raise KeyError(key)
