"""The checks of 19_resume: each bill is paid once whenever the process dies; each step has its own
number.
"""

import asyncio

from mas_helpers import run
from mas_helpers.bench import ProcessKilled
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

KEY = "The key has to be the same in every life of the process: make it of the bill, or keep it."
BEFORE = "To keep it before it's paid says that it's paid. Which life would pay it?"
SENT = "Look into `kept` first, and put the receipt there before you return it."


class Refused(Exception):
    """The service doesn't pay."""


class Service:
    """Pays once for a key; killed on the way there or on the way back, as it is told."""

    def __init__(self, *deaths):
        self.deaths, self.sent, self.payments, self.receipts = list(deaths), [], [], {}

    async def pay(self, bill, key):
        await asyncio.sleep(1)
        self.sent.append(bill)
        death = self.deaths.pop(0) if self.deaths else ""
        if death == "on the way there":
            raise ProcessKilled
        if death == "refused":
            raise Refused("not enough money")
        if key not in self.receipts:
            self.payments.append(bill)
            self.receipts[key] = f"receipt {len(self.payments)} for {bill}"
        if death == "on the way back":
            raise ProcessKilled
        return self.receipts[key]


class Kept(dict):
    """A dictionary that survives; the process dies before or after its n-th write."""

    def __init__(self, dies_at=0, after=False):
        super().__init__({"a rate": 4})
        self.writes, self.dies_at, self.after = 0, dies_at, after

    def __setitem__(self, key, value):
        self.writes += 1
        if self.writes == self.dies_at and not self.after:
            raise ProcessKilled
        super().__setitem__(key, value)
        if self.writes == self.dies_at:
            raise ProcessKilled

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others, **more):
        for key, value in dict(*others, **more).items():
            self[key] = value

    def __ior__(self, other):
        self.update(other)
        return self


def check_pay_once(pay_once):
    """One payment for each bill, in whatever life; nothing is sent whose receipt is kept."""
    there, back = "on the way there", "on the way back"
    places = [(), (there,), (back,), (back, back), (there, back), (back, there, back)]
    for deaths in places:
        name = f"killed {', then '.join(deaths)}" if deaths else "nobody is killed"
        _play(pay_once, name, Kept(), Service(*deaths))
    for write in (1, 2, 3):
        for after in (False, True):
            name = f"killed {'after' if after else 'before'} write {write} to kept"
            _play(pay_once, name, Kept(write, after), Service())
    kept, service = Kept(), Service("refused")
    got = _live(pay_once, kept, service, "A-17")
    hint = "An error of the service propagates: no receipt, nothing paid."
    expect("the service refuses: what came out", got, Line("Refused"), hint)
    _play(pay_once, "the service refused before", kept, service)
    return f"{len(places) + 7} stories of deaths: each bill paid once, and no receipt lost"


def _play(pay_once, name, kept, service):
    """Calls it until it isn't killed, then once more, then for another bill."""
    got = _live_on(pay_once, name, kept, service, "A-17")
    paid = service.payments.count("A-17")
    expect(f"{name}: payments of A-17", paid, 1, KEY if paid else BEFORE)
    receipt = "receipt 1 for A-17"
    expect(f"{name}: what came back", got, receipt, "Return the receipt that the service gave.")
    sent = len(service.sent)
    got = _live_on(pay_once, name, kept, service, "A-17")
    expect(f"{name}, and asked again: what came back", got, receipt, "Return what is kept.")
    expect(f"{name}, and asked again: bills sent to the service", len(service.sent), sent, SENT)
    got = _live_on(pay_once, name, kept, service, "B-2")
    hint = "Another bill needs a key, and a place in `kept`, of its own."
    expect(f"{name}, then B-2: what came back", got, "receipt 2 for B-2", hint)
    expect(f"{name}: the rate that was in kept", kept.get("a rate"), 4, "Leave the rest alone.")


def _live_on(pay_once, name, kept, service, bill):
    """What the first life gave that wasn't killed."""
    for _ in range(6):
        got = _live(pay_once, kept, service, bill)
        if got != Line("killed"):
            return got
    raise Failed(f"{name}: it is called again", got, Line("a receipt"), "It dies each time.")


def _live(pay_once, kept, service, bill):
    """What one life of the process gave."""
    try:
        return run(call_async(pay_once, kept, service, bill), clock="virtual")
    except ProcessKilled:
        return Line("killed")
    except Refused:
        return Line("Refused")


def check_numbered(numbered):
    """The keys that reach once, in order, alone and at once, in two lives."""
    cases = [
        (["plan"], ["plan"]),
        (["vote", "vote", "vote"], ["vote", "vote (2)", "vote (3)"]),
        (["a", "b", "a", "b", "a"], ["a", "b", "a (2)", "b (2)", "a (3)"]),
    ]
    hint = "Each key has a count of its own, and the first one stays as it is."
    for asked, expected in cases:
        keys, values = _ask_in_turn(numbered, asked)
        expect(f"asked for {', '.join(asked)}: the keys that once was given", keys, expected, hint)
        came = [f"answer {n}" for n in range(1, len(asked) + 1)]
        expect(
            f"asked for {', '.join(asked)}: what came back", values, came, "Return what it gives."
        )
    seen, make = _world()
    two = [call_plain(numbered, seen.once) for _ in range(2)]
    for once in two:
        for _ in range(2):
            run(call_async(once, "vote", make), clock="virtual")
    hint = "Begin to count inside `numbered`: each life begins from 1, or it finds nothing again."
    expect("two lives: the keys", seen.keys, ["vote", "vote (2)"] * 2, hint)

    seen, make = _world()
    once = call_plain(numbered, seen.once)

    async def together():
        return await asyncio.gather(*(call_async(once, "vote", make) for _ in range(3)))

    values = run(together(), clock="virtual")
    hint = "Count before you await: while one waits, the next one asks."
    keys = ["vote", "vote (2)", "vote (3)"]
    expect("three at once: the keys", seen.keys, keys, hint)
    expect("three at once: different answers", len(set(values)), 3, hint)

    async def fails():
        raise Refused("no")

    seen, make = _world()
    once = call_plain(numbered, seen.once)
    got = []
    for step in (fails, make):
        try:
            got.append(run(call_async(once, "vote", step), clock="virtual"))
        except Refused:
            got.append("Refused")
    expect("the first one fails: what came", got, ["Refused", "answer 1"], "An error propagates.")
    hint = "It's counted when it is asked for, whatever becomes of it."
    expect("the first one fails: the keys", seen.keys, ["vote", "vote (2)"], hint)
    return "each step has a number of its own: in turn, at once, and from 1 in each life"


class _Seen:
    def __init__(self):
        self.keys = []

    async def once(self, key, make):
        self.keys.append(key)
        await asyncio.sleep(1)
        return await make()


def _world():
    made = []

    async def make():
        made.append(1)
        return f"answer {len(made)}"

    return _Seen(), make


def _ask_in_turn(numbered, asked):
    seen, make = _world()
    once = call_plain(numbered, seen.once)

    async def in_turn():
        return [await call_async(once, key, make) for key in asked]

    return seen.keys, run(in_turn(), clock="virtual") if callable(once) else once
