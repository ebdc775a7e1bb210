# right: with a cursor
def decide_once(db, key, decision):
    cursor = db.cursor()
    done = cursor.execute(
        "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL", [decision, key]
    )
    if done.rowcount:
        return (True, decision)
    row = cursor.execute("SELECT decision FROM requests WHERE key = ?", [key]).fetchone()
    if not row:
        raise KeyError(f"no {key}")
    return (False, row[0])
