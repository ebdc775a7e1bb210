# right: one update, then who it was
def decide_once(db, key, decision):
    done = db.execute(
        "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL", (decision, key)
    )
    if done.rowcount == 1:
        return True, decision
    rows = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchall()
    if not rows:
        raise KeyError(key)
    return False, rows[0][0]
