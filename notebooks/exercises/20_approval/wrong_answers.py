"""Tempting wrong answers to the exercises of 20_approval, and what to ask back."""


async def act(decision, proposal, send):
    """Everything that isn't a refusal counts as a yes: no decision yet, a kind with a typo, an
    empty edit. What nobody approved is sent.

    Ask back: which value means "nobody has looked at it yet", and what does your code do with it?
    """
    if decision is not None and decision.kind == "refused":
        return None
    text = decision.text if decision and decision.kind == "edited" else proposal.text
    await send(text)
    return text


def decide_once(db, key, decision):
    """It looks, and then it writes. Somebody who answers between the two is overwritten, and has
    been told that their answer holds.

    Ask back: what can happen between your first statement and your second?
    """
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    if row[0] is not None:
        return False, row[0]
    db.execute("UPDATE requests SET decision = ? WHERE key = ?", (decision, key))
    return True, decision
