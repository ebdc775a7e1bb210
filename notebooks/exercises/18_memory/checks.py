"""The checks of 18_memory: which turns fit, and whether a turn is stored before it is shown."""

from mas_helpers import run
from mas_helpers.agents import DictStore, Session, SessionChanged, StoreError, Turn
from mas_helpers.course.exercises import Line, call_async, call_plain, expect

# 2, 4, 3, 10 and 3 words
TURNS = [
    Turn("Hello?", "Hello."),
    Turn("Two rooms, please.", "Noted."),
    Turn("And parking?", "Yes."),
    Turn("What does it cost in all?", "96 francs a night."),
    Turn("Thank you.", "Bye."),
]
SESSION = Session("ada", "1")
BOTH = "Count the words of the question and of the answer: `.split()` of each."
NEWEST = "Begin with the newest, and go back."
GAP = "The first turn that doesn't fit ends it: an older, shorter one would leave a gap."


def check_that_fit(that_fit):
    """The newest that fit, in order, whole and without a gap; the given list stays as it is."""
    cases = [
        (TURNS, 100, TURNS, "All of them fit."),
        (TURNS, 22, TURNS, "Exactly as many words as allowed still fit."),
        (TURNS, 21, TURNS[1:], NEWEST),
        (TURNS, 13, TURNS[3:], BOTH),
        (TURNS, 16, TURNS[2:], BOTH),
        (TURNS, 15, TURNS[3:], GAP),
        (TURNS, 12, TURNS[4:], GAP),
        (TURNS, 9, TURNS[4:], GAP),
        (TURNS, 2, [], "If the newest doesn't fit, nothing does."),
        (TURNS, 0, [], "No room: an empty list."),
        ([], 10, [], "No turns: an empty list."),
        ([Turn("a  b\nc", "")], 3, [Turn("a  b\nc", "")], "`split()` with nothing in brackets."),
        ([Turn("a", "b"), Turn("a", "b")], 4, [Turn("a", "b")] * 2, "Equal turns are two turns."),
    ]
    for turns, most, expected, hint in cases:
        given = list(turns)
        got = call_plain(that_fit, given, most)
        case = f"{len(turns)} turns, max_words={most}"
        shown = [turn.question for turn in expected]
        if not isinstance(got, list | tuple) or any(not isinstance(turn, Turn) for turn in got):
            expect(
                f"{case}: what came back", got, Line("a list of turns"), "Return a list of turns."
            )
        expect(f"{case}: the questions kept", [turn.question for turn in got], shown, hint)
        expect(f"{case}: the turns kept", list(got), list(expected), "Turns stay whole.")
        expect(
            f"{case}: the list that was given", given, list(turns), "Leave the given list alone."
        )
    return f"{len(cases)} histories cut: the newest that fit, whole and without a gap"


class Watched(DictStore):
    """A store in which others write while the agent thinks, or that fails, and that remembers."""

    def __init__(self, others, error=None):
        super().__init__()
        self.others, self.error, self.told = others, error, []

    def append(self, session, turn, after=None):
        self.told.append(after)
        if self.error:
            raise self.error
        super().append(session, turn, after)


def check_safe_turn(safe_turn):
    """Stored, then returned; asked again with what is there now, three calls at most."""
    for others in range(5):
        store, got, calls = _play(safe_turn, others)
        during = "1 call" if others == 1 else f"{others} calls"
        ways = f"somebody writes during {during}" if others else "nobody else writes"
        hint = "One call if it is stored, one more for each SessionChanged, three at most."
        expect(f"{ways}: the calls", len(calls), min(others + 1, 3), hint)
        hint = "Load the turns again before each call: ask(turns, question)."
        expect(
            f"{ways}: the turns that each call was told",
            calls,
            list(range(1, len(calls) + 1)),
            hint,
        )
        hint = "`after=` is how many turns you loaded for that call: len(turns)."
        expect(f"{ways}: after=", store.told, list(range(1, len(calls) + 1)), hint)
        last = store.load(SESSION)[-1]
        if others < 3:
            answer = f"answer {len(calls)}"
            expect(f"{ways}: what came back", got, answer, "Return the answer that was stored.")
            hint = "store.append(session, Turn(question, answer), after=…)"
            expect(f"{ways}: the last turn in the store", last, Turn("When?", answer), hint)
        else:
            hint = "After the third call, let SessionChanged propagate: nothing was stored."
            expect(f"{ways}: what came out", got, Line("SessionChanged"), hint)
    for error in (StoreError("the store is gone"), ValueError("no text")):
        _, got, calls = _play(safe_turn, 0, error)
        name = type(error).__name__
        hint = "Catch SessionChanged alone: to ask again is no help here, and costs money."
        expect(f"append raises {name}: the calls", len(calls), 1, hint)
        expect(f"append raises {name}: what came out", got, Line(name), hint)
    _, got, calls = _play(safe_turn, 0, fails=KeyError("model"))
    hint = "An error of `ask` propagates at once."
    expect("ask raises KeyError: what came out", got, Line("KeyError"), hint)
    expect("ask raises KeyError: the calls", len(calls), 1, hint)
    return "stored before it is returned, asked again when the session changed, at most 3 calls"


def _play(safe_turn, others, error=None, fails=None):
    """The store; what came back, or the error's name; how many turns each call was told."""
    store, calls = Watched(others, error), []
    DictStore.append(store, SESSION, Turn("Hello?", "Hello."))

    async def ask(turns, question):
        expect(
            "the question that ask was given", question, "When?", "Hand on the question as it is."
        )
        calls.append(len(list(turns)))
        if len(calls) > 9:
            return "stop"
        if fails:
            raise fails
        if len(calls) <= others:
            DictStore.append(store, SESSION, Turn(f"other {len(calls)}", "-"))
        return f"answer {len(calls)}"

    try:
        got = run(call_async(safe_turn, store, SESSION, "When?", ask), clock="virtual")
    except (SessionChanged, StoreError, ValueError, KeyError) as raised:
        got = Line(type(raised).__name__)
    return store, got, calls
