"""The checks of 20_approval: what is sent after which decision, and whose answer holds."""

import sqlite3

from mas_helpers import run
from mas_helpers.agents import Decision, Proposal
from mas_helpers.course.exercises import Line, call_async, call_plain, expect

PROPOSAL = Proposal("Send it?", "We open at six.", "We open at seven.")


class Unsent(Exception):
    """The mail server is gone."""


def check_act(act):
    """What is sent, how often, and what comes back, for each kind of decision."""
    edited = Decision("edited", "Ruth", "We open at half past six.")
    cases = [
        (Decision("approved", "Ruth"), PROPOSAL.text, "Approved: the proposal's own text."),
        (Decision("approved", "Ruth", "Fine!"), PROPOSAL.text, "Approved: the proposal's text."),
        (edited, edited.text, "Edited: what the person wrote, not the draft."),
        (Decision("edited", "Ruth", " as it is \n"), " as it is \n", "Send the text unchanged."),
        (Decision("refused", "Ruth", "no"), None, "Refused: nothing is sent."),
        (Decision("refused", "Ruth"), None, "Refused: nothing is sent."),
        (None, None, "Nobody has decided: that's no yes."),
    ]
    for decision, expected, hint in cases:
        case = f"{decision.kind}, text {decision.text!r}" if decision else "nobody has decided"
        got, sent = _act(act, decision)
        expect(f"{case}: what was sent", sent, [] if expected is None else [expected], hint)
        hint = "Return the text that was sent, None if there's none."
        expect(f"{case}: what came back", got, expected, hint)
    wrong = [Decision("edited", "Ruth", text) for text in ("", "  \n")]
    wrong += [Decision(kind, "Ruth", "x") for kind in ("maybe", "", "Approved")]
    for decision in wrong:
        case = f"{decision.kind!r}, text {decision.text!r}"
        got, sent = _act(act, decision)
        expect(f"{case}: what was sent", sent, [], "Nothing may be sent that nobody approved.")
        hint = "An empty edit, or a kind that you don't know, is a ValueError."
        expect(f"{case}: what came out", got, Line("ValueError"), hint)
    got, sent = _act(act, cases[0][0], fails=True)
    expect("send fails: what came out", got, Line("Unsent"), "An error of `send` propagates.")
    expect("send fails: how often it was called", len(sent), 1, "Once: it may have been sent.")
    return f"{len(cases) + len(wrong)} decisions: what was decided is what was sent"


def _act(act, decision, fails=False):
    sent = []

    async def send(text):
        sent.append(text)
        if fails:
            raise Unsent

    try:
        return run(call_async(act, decision, PROPOSAL, send), clock="virtual"), sent
    except (ValueError, Unsent) as error:
        return Line(type(error).__name__), sent


class Busy(sqlite3.Connection):
    """A connection between whose statements somebody else answers, before the n-th of them."""

    others_before, count, key, tom_was_first = 0, 0, "June", False

    def execute(self, *arguments):
        self.count += 1
        if self.count == self.others_before:
            done = super().execute(
                "UPDATE requests SET decision = 'Tom: no' WHERE key = ? AND decision IS NULL",
                (self.key,),
            )
            self.tom_was_first = done.rowcount == 1
        return super().execute(*arguments)

    def cursor(self, *arguments, **options):
        connection = self

        class Cursor(sqlite3.Cursor):
            def execute(self, sql, values=()):
                return connection.execute(sql, values)

        return Cursor(self)


YES = "Ruth: yes"


def check_decide_once(decide_once):
    """Whose answer holds, with somebody who answers before, between and after the statements."""
    got, rows, _ = _decide(decide_once, 0)
    expect("nobody else answers: what came back", got, (True, YES), "(True, decision)")
    expect("nobody else answers: the table", rows, {"June": YES, "July": None}, "One row changes.")
    for place in (1, 2, 3, 4):
        got, rows, tom_was_first = _decide(decide_once, place)
        when = f"Tom answers right before your statement {place}"
        hint = "Look and write in one statement: UPDATE … WHERE … AND decision IS NULL. Its "
        hint += "`rowcount` says whether you were first."
        held = "Tom: no" if tom_was_first else YES
        expect(f"{when}: who holds", rows["June"], held, hint)
        expect(f"{when}: what came back", got, (held == YES, held), hint)
        expect(f"{when}: the other row", rows["July"], None, "Only this key's row changes.")
    got, rows, _ = _decide(decide_once, 1, again=True)
    expect("asked again: what came back", got, (False, "Tom: no"), "The first answer stays.")
    got, rows, _ = _decide(decide_once, 0, key="May")
    expect("a key that isn't there: what came out", got, Line("KeyError"), "raise KeyError(key)")
    expect("a key that isn't there: the table", rows, {"June": None, "July": None}, "No new row.")
    key = "x' OR 'a' = 'a"
    got, rows, _ = _decide(decide_once, 0, key=key)
    hint = "Hand the values over with ?: text in SQL can change what it does."
    expect("a key with quotes: the table", rows, {"June": None, "July": None}, hint)
    expect("a key with quotes: what came out", got, Line("KeyError"), hint)
    return "the first answer holds, and everybody hears which one that is"


def _decide(decide_once, others_before, key="June", again=False):
    db = sqlite3.connect(":memory:", isolation_level=None, factory=Busy)
    try:
        db.execute("CREATE TABLE requests (key TEXT PRIMARY KEY, decision TEXT)")
        db.execute("INSERT INTO requests VALUES ('June', NULL), ('July', NULL)")
        db.count, db.others_before = 0, others_before
        try:
            got = call_plain(decide_once, db, key, YES)
            if again:
                got = call_plain(decide_once, db, key, YES)
        except KeyError:
            got = Line("KeyError")
        except sqlite3.Error as error:
            got = Line(f"{type(error).__name__}: {error}")
        db.others_before = 0
        rows = dict(db.execute("SELECT key, decision FROM requests").fetchall())
        return tuple(got) if isinstance(got, list) else got, rows, db.tom_was_first
    finally:
        db.close()
