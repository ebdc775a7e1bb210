# right: RETURNING
def decide_once(db, key, decision):
    written = db.execute(
        "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL RETURNING decision",
        (decision, key),
    ).fetchone()
    if written:
        return True, decision
    held = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if held is None:
        raise KeyError(key)
    return False, held[0]
