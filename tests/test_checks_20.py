"""The checks of 20_approval reject the wrong answers that people give, in words."""

import pytest


async def silence_is_a_yes(decision, proposal, send):
    if decision and decision.kind == "refused":
        return None
    await send(proposal.text)
    return proposal.text


async def an_edit_sends_the_draft(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    await send(proposal.text)
    return proposal.text


async def anything_else_is_a_yes(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    text = decision.text if decision.kind == "edited" else proposal.text
    await send(text)
    return text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (silence_is_a_yes, "Edited: what the person wrote, not the draft."),
        (an_edit_sends_the_draft, "Edited: what the person wrote, not the draft."),
        (anything_else_is_a_yes, "Nothing may be sent that nobody approved."),
    ],
)
def test_acts_that_nobody_approved(graded, answer, said):
    result = graded("20_approval", "act", answer)
    assert result.passed is False and said in str(result)


def looks_then_writes(db, key, decision):
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    if row[0] is not None:
        return False, row[0]
    db.execute("UPDATE requests SET decision = ? WHERE key = ?", (decision, key))
    return True, decision


def the_last_one_holds(db, key, decision):
    db.execute("UPDATE requests SET decision = ? WHERE key = ?", (decision, key))
    return True, decision


def any_key(db, key, decision):
    change = "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL"
    if db.execute(change, (decision, key)).rowcount:
        return True, decision
    row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
    return False, row and row[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (looks_then_writes, "Look and write in one statement"),
        (the_last_one_holds, "Look and write in one statement"),
        (any_key, "raise KeyError(key)"),
    ],
)
def test_answers_of_which_two_hold(graded, answer, said):
    result = graded("20_approval", "decide_once", answer)
    assert result.passed is False
    assert any(words in str(result) for words in said.split("|")), str(result)
