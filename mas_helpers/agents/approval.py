"""Lesson 20: a person approves, edits or refuses a step; the run waits, for days if need be."""

from __future__ import annotations

import asyncio
import difflib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from .failures import NoAnswer
from .sqlite_file import SQLiteFile, StoreError

APPLICATION = 0x4D415341  # "MASA"
SCHEMA = """
    CREATE TABLE requests (at INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, proposal TEXT NOT NULL,
                           deadline REAL NOT NULL, fallback TEXT NOT NULL, decision TEXT)"""


@dataclass(frozen=True)
class Proposal:
    """What a person decides on: what would be done, what there is now, what it costs, and where it
    comes from.
    """

    title: str
    text: str
    before: str = ""
    cost_usd: float | None = None
    sources: tuple[str, ...] = ()

    def changes(self) -> list[str]:
        """The lines that differ: `["- An early visit pays 4.", "+ An early visit pays 5."]`."""
        lines = difflib.ndiff(self.before.splitlines(), self.text.splitlines())
        return [line for line in lines if line.startswith(("- ", "+ "))]

    @property
    def price(self) -> str:
        """`"$1,250.00"`, or `"not known"`."""
        return "not known" if self.cost_usd is None else f"${self.cost_usd:,.2f}"

    def __str__(self) -> str:
        body = "\n".join(self.changes()) if self.before else self.text
        sources = "; ".join(self.sources) or "none"
        return f"{self.title}\n\n{body}\n\nPrice: {self.price}\nSources: {sources}"


@dataclass(frozen=True)
class Decision:
    """What was decided, and by whom. `text` is what is to be done, of a refusal its reason."""

    kind: Literal["approved", "edited", "refused"]
    by: str
    text: str = ""


REFUSED_BY_NOBODY = Decision("refused", "nobody", "nobody answered in time")


class PlanRefused(NoAnswer):
    """A person refused the plan: nobody was paid for a part of it."""


class AlreadyDecided(StoreError):
    """Somebody else was first: `.decision` is what holds."""

    def __init__(self, key: str, decision: Decision) -> None:
        self.key, self.decision = key, decision
        super().__init__(f"{key!r} was {decision.kind} by {decision.by} before")


class Approvals:
    """Questions to people, in a file of SQLite, for any number of processes.

    now: the seconds that deadlines are counted in; the default is the time of day, so a deadline
    goes on while no process runs.
    """

    def __init__(self, path: Path | str, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._file = SQLiteFile(path, SCHEMA, application=APPLICATION, holds="approvals")

    def ask(
        self, key: str, proposal: Proposal, seconds: float, fallback: Decision = REFUSED_BY_NOBODY
    ) -> None:
        """Puts a question; one that was put before stays as it is, with its deadline."""
        row = (key, _to_json(proposal), self.now() + seconds, _to_json(fallback))
        with self._file.transaction() as db:
            db.execute(
                "INSERT INTO requests (key, proposal, deadline, fallback) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                row,
            )

    def decide(self, key: str, decision: Decision) -> None:
        """Answers a question. Raises AlreadyDecided where somebody was first, or the deadline was;
        KeyError for a question that nobody put.
        """
        self._close_if_late(key)
        with self._file.transaction() as db:
            done = db.execute(
                "UPDATE requests SET decision = ? WHERE key = ? AND decision IS NULL",
                (_to_json(decision), key),
            )
            if done.rowcount:
                return
        held = self.decision(key)
        assert held is not None
        raise AlreadyDecided(key, held)

    def decision(self, key: str) -> Decision | None:
        """What was decided, None as long as nothing is; after the deadline the fallback. Raises
        KeyError for a question that nobody put.
        """
        self._close_if_late(key)
        with self._file.transaction(writes=False) as db:
            row = db.execute("SELECT decision FROM requests WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(f"nobody has asked about {key!r}")
        return None if row[0] is None else Decision(**json.loads(row[0]))

    def proposal(self, key: str) -> Proposal:
        """What is to be decided on. Raises KeyError."""
        with self._file.transaction(writes=False) as db:
            row = db.execute("SELECT proposal FROM requests WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(f"nobody has asked about {key!r}")
        fields = json.loads(row[0])
        return Proposal(**fields | {"sources": tuple(fields["sources"])})

    def waiting(self) -> list[str]:
        """The keys of the questions that are open, oldest first."""
        with self._file.transaction(writes=False) as db:
            rows = db.execute(
                "SELECT key FROM requests WHERE decision IS NULL AND deadline > ? ORDER BY at",
                (self.now(),),
            ).fetchall()
        return [key for (key,) in rows]

    async def wait(
        self,
        key: str,
        proposal: Proposal,
        seconds: float,
        fallback: Decision = REFUSED_BY_NOBODY,
        *,
        look_every: float = 60.0,
    ) -> Decision:
        """What a person decides, or the fallback after so many seconds from the first time that it
        was asked. It looks into the file each `look_every` seconds; a process that is stopped
        meanwhile asks again and goes on waiting.
        """
        self.ask(key, proposal, seconds, fallback)
        while (decision := self.decision(key)) is None:
            await asyncio.sleep(look_every)
        return decision

    def _close_if_late(self, key: str) -> None:
        with self._file.transaction() as db:
            db.execute(
                "UPDATE requests SET decision = fallback"
                " WHERE key = ? AND decision IS NULL AND deadline <= ?",
                (key, self.now()),
            )


def _to_json(value: Proposal | Decision) -> str:
    return json.dumps(asdict(value), ensure_ascii=False)
