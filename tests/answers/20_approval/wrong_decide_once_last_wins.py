# wrong: the last one holds
def decide_once(db, key, decision):
    if not db.execute(
        "UPDATE requests SET decision = ? WHERE key = ?", (decision, key)
    ).rowcount:
        raise KeyError(key)
    return True, decision
