# wrong: the second one hears their own answer
def decide_once(db, key, decision):
    change = "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL"
    if db.execute(change, (decision, key)).rowcount:
        return True, decision
    if not db.execute("SELECT 1 FROM requests WHERE key = ?", (key,)).fetchone():
        raise KeyError(key)
    return False, decision
