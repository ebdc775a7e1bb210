# wrong: values inside the SQL
def decide_once(db, key, decision):
    change = f"UPDATE requests SET decision = '{decision}' WHERE decision IS NULL AND key = '{key}'"
    first = db.execute(change).rowcount
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    return bool(first), row[0]
