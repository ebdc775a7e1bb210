"""Which of several identical requests this is: counted for each recording, over all of its clients.

The rule is the same in each mode. The first request to a recording gets the first reply, the same
request again gets the next one, no matter which client asks. The count starts over

- with each pytest test;
- in a notebook, for the clients that a cell makes, each time the cell is run: it replays the same
  replies, and a client keeps its count over later cells;
- under faults, for each run: only the seed decides what happens.

Everywhere else there is one count for the whole process. After the last reply, replay starts over,
so a second pass of the same program, with new clients, gets what the first one got. In strict
replay it is a miss if one client, or all clients in one `run` together, ask more often than was
recorded.
"""

from __future__ import annotations

import hashlib
import math
import os
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from .time.run import Run, current_run


@dataclass(frozen=True)
class NextReply:
    """How often a request was made before: by all clients; by those in this run, if there is one;
    by this client.
    """

    k: int
    in_this_run: int
    by_this_client: int


class Counts:
    """How often each request to one recording was made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scope: object = None
        # of the test or process that goes on; of a cell or a run as long as somebody holds it
        self._current: Counter[bytes] = Counter()
        self._held: weakref.WeakKeyDictionary[Held, Counter[bytes]] = weakref.WeakKeyDictionary()
        self._by_run: weakref.WeakKeyDictionary[Run, Counter[bytes]] = weakref.WeakKeyDictionary()

    def next(self, key: str, client: ClientCount, recorded: float = math.inf) -> NextReply:
        """The turn of a request that is made now and has this many recorded replies. A client that
        has had them all starts over on its own; the others don't notice.
        """
        short = hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()
        with self._lock:
            scope = client.scope()
            asked = self._asked_in(scope)
            run = current_run.get()
            in_run = Counter() if run is None else self._by_run.setdefault(run, Counter())
            own = client.asked_in(scope)
            starts_over = own[short] >= recorded
            k = own[short] if starts_over else asked[short]
            turn = NextReply(k, in_run[short], own[short])
            for counter in [own, in_run] if starts_over else [own, in_run, asked]:
                counter[short] += 1
        return turn

    def _asked_in(self, scope: object) -> Counter[bytes]:
        if isinstance(scope, Held):
            return self._held.setdefault(scope, Counter())
        if scope != self._scope:
            self._scope, self._current = scope, Counter()
        return self._current


class Cell:
    """One execution of a cell."""

    def __init__(self, number: int) -> None:
        self.number = number


Held = Run | Cell


class ClientCount:
    """What one client asked, and which clients it is counted with."""

    def __init__(self, under_faults: Callable[[], bool] = lambda: False) -> None:
        self._cell = _current_cell()
        self._under_faults = under_faults
        self._run: Run | None = None
        self._own_scope: object = None
        self._own: Counter[bytes] = Counter()

    def scope(self) -> object:
        """The cell or run that it belongs to; without one, the test; without that, the process."""
        if self._run is None and self._under_faults():
            self._run = current_run.get() or Run()
        if self._run is not None:
            return self._run
        if self._cell is not None:
            return self._cell
        return _test_number, os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]

    def asked_in(self, scope: object) -> Counter[bytes]:
        """What this client itself has asked since that scope began."""
        if scope != self._own_scope:
            self._own_scope, self._own = scope, Counter()
        return self._own


_test_number = 0
_latest_cell: Cell | None = None


def begin_test() -> None:
    """Starts the counts over: a test that is run a second time has the same name."""
    global _test_number
    _test_number += 1


def _current_cell() -> Cell | None:
    """The execution of the cell that is being run; None outside of IPython."""
    global _latest_cell
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    if _latest_cell is None or _latest_cell.number != shell.execution_count:
        _latest_cell = Cell(shell.execution_count)
    return _latest_cell
