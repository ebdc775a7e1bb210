# wrong: an unknown key gets a row
def decide_once(db, key, decision):
    db.execute("INSERT OR IGNORE INTO requests VALUES (?, NULL)", (key,))
    change = "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL"
    first = db.execute(change, (decision, key)).rowcount == 1
    held = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()[0]
    return first, held
