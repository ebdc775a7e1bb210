"""Lesson 19: finished steps of a run are kept, so that a run that was killed goes on after them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel

from .agent import AgentLike
from .sqlite_file import SQLiteFile, StoreBusy

T = TypeVar("T", bound=BaseModel)
Once = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]

APPLICATION = 0x4D41534A  # "MASJ"
SCHEMA = """
    CREATE TABLE steps (at INTEGER PRIMARY KEY, run TEXT NOT NULL, key TEXT NOT NULL,
                        n INTEGER NOT NULL, begun INTEGER NOT NULL, failed INTEGER NOT NULL,
                        value TEXT, UNIQUE (run, key, n))"""
BEGIN = """
    INSERT INTO steps (run, key, n, begun, failed) VALUES (?, ?, ?, 1, 0)
    ON CONFLICT DO UPDATE SET begun = begun + 1, failed = 0"""


class Journal:
    """The finished steps of one run, in a file of SQLite that many runs may share.

    Open it with `with` for each try, also for one that goes on where a killed process stopped:

        with Journal("runs.sqlite", "report 7") as journal:
            plan = await journal.once("plan", make_plan)

    Raises RunBusy where another process, or another `with`, has this run open.
    """

    def __init__(self, path: Path | str, run: str = "run") -> None:
        self.run = run
        self._file = SQLiteFile(path, SCHEMA, application=APPLICATION, holds="steps")
        name = hashlib.sha256(run.encode()).hexdigest()[:12]
        # the system takes a lock back from a process that is killed; a row in a table it would not
        self._lock = FileLock(f"{self._file.path}.{name}.lock", timeout=0, thread_local=False)
        self._asked: Counter[str] = Counter()

    def __enter__(self) -> Journal:
        try:
            self._lock.acquire()
        except Timeout as error:
            raise RunBusy(f"{self.run!r} goes on in another process: let it end first") from error
        self._asked.clear()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()

    async def once(self, key: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `await make()` gave, in this try or in an earlier one: text, numbers, lists, dicts.

        The second step of the same key is a step of its own, as is the third. A step that raised is
        made again by the next try. Raises TypeError for what JSON can't hold, RuntimeError outside
        of `with`, StoreError where it can't be read or kept.
        """
        if not self._lock.is_locked:
            raise RuntimeError("open the journal first: with Journal(…) as journal")
        self._asked[key] += 1
        step = (self.run, key, self._asked[key])
        with self._file.transaction() as db:
            found = db.execute(f"SELECT value FROM steps WHERE {THIS}", step).fetchone()
            if found and found[0] is not None:
                return json.loads(found[0])
            db.execute(BEGIN, step)
        try:
            text = json.dumps(await make(), allow_nan=False)
        except Exception:  # not BaseException: a step that was cancelled may be billed all the same
            with self._file.transaction() as db:
                db.execute(f"UPDATE steps SET failed = 1 WHERE {THIS}", step)
            raise
        with self._file.transaction() as db:
            db.execute(f"UPDATE steps SET value = ? WHERE {THIS}", (text, *step))
        return json.loads(text)  # as a later try will get it

    @property
    def finished(self) -> list[str]:
        """The keys of steps whose result is kept, in the order in which they began."""
        return self._keys("value IS NOT NULL")

    @property
    def in_flight(self) -> list[str]:
        """The keys of steps that began, and whose end nobody saw: after a process was killed, what
        it had on its way. They may be billed, and will be asked again.
        """
        return self._keys("value IS NULL AND NOT failed")

    @property
    def begun_again(self) -> list[str]:
        """The keys of steps that began more than once: all that may have been paid twice."""
        return self._keys("begun > 1")

    def forget(self) -> int:
        """Deletes the run's steps; how many that were. The next try begins from nothing."""
        with self._file.transaction() as db:
            return db.execute("DELETE FROM steps WHERE run = ?", (self.run,)).rowcount

    def _keys(self, condition: str) -> list[str]:
        question = f"SELECT key, n FROM steps WHERE run = ? AND {condition} ORDER BY at"
        with self._file.transaction(writes=False) as db:
            rows = db.execute(question, (self.run,)).fetchall()
        return [key if n == 1 else f"{key} ({n})" for key, n in rows]


THIS = "run = ? AND key = ? AND n = ?"


class RunBusy(StoreBusy):
    """A run is open already: two at once would pay for each step twice."""


@dataclass(frozen=True)
class DurableAgent:
    """The same agent; each finished call is a step that `once` keeps, such as `journal.once`."""

    agent: AgentLike
    once: Once

    @property
    def name(self) -> str:
        return self.agent.name

    async def run(self, prompt: str) -> str:
        async def make() -> str:  # no lambda: DBOS has to see that it is awaited
            return await self.agent.run(prompt)

        return str(await self.once(step_key(self.agent, prompt), make))

    async def parse(self, prompt: str, output_type: type[T]) -> T:
        async def make() -> str:
            return (await self.agent.parse(prompt, output_type)).model_dump_json()

        key = step_key(self.agent, prompt, output_type)
        return output_type.model_validate_json(await self.once(key, make))


def step_key(agent: AgentLike, prompt: str, output_type: type[BaseModel] | None = None) -> str:
    """What a call asks, as a key: `"data · How many came at six? · 9f86d081"`.

    Another model, system prompt, prompt or output type is another step.
    """
    asks = [agent.name, getattr(agent, "model", ""), getattr(agent, "system", ""), prompt]
    asks.append(json.dumps(output_type.model_json_schema()) if output_type else "")
    digest = hashlib.sha256(json.dumps(asks).encode()).hexdigest()[:16]
    begins = " ".join(prompt.split())[:30]
    return f"{agent.name} · {begins} · {digest}"
