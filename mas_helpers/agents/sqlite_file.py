"""A SQLite file of ours: opened for each piece of work, all of it or nothing, with errors that say
what to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


class StoreError(Exception):
    """A store can't be used: it is gone, damaged, or of a newer version."""


class StoreBusy(StoreError):
    """Another program holds the store; asked again later, it may answer."""


class SQLiteFile:
    """A file for any number of processes on this machine.

    schema: the statements that make its tables, with `;` between them. application: the number that
    SQLite keeps in the file, so no other database passes for ours. holds: what is in it, in words.
    timeout: the seconds that it waits for a program that holds the file, before StoreBusy. Each
    call opens the file and closes it again, so it may be used in any thread and after a fork.
    Raises StoreError where there is a file that is not whole, or not one of this version.
    """

    def __init__(
        self,
        path: Path | str,
        schema: str,
        *,
        application: int,
        holds: str,
        version: int = 1,
        timeout: float = 5.0,
    ) -> None:
        self.path, self.timeout = Path(path).absolute(), timeout
        self.schema, self.application, self.version = schema, application, version
        self.holds = holds
        with self.transaction(create=True) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise self._damaged()

    @contextmanager
    def transaction(
        self, *, writes: bool = True, create: bool = False
    ) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing, and for a block that writes, nobody writes in between."""
        with self.explained(), closing(self.connect(create)) as db:
            # IMMEDIATE locks before anything is read: two can't read the same and both write
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            self._require_ours(db, create)
            yield db
            db.execute("COMMIT")

    def connect(self, create: bool = False) -> sqlite3.Connection:
        # mode=rw: a file that was deleted is an error, not a new and empty one
        address = f"{self.path.as_uri()}?mode={'rwc' if create else 'rw'}"
        return sqlite3.connect(address, uri=True, timeout=self.timeout, isolation_level=None)

    def _require_ours(self, db: sqlite3.Connection, create: bool) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if create and not (version or application or tables):
            for statement in self.schema.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {self.application}")
            db.execute(f"PRAGMA user_version = {self.version}")
        elif application != self.application:
            raise StoreError(
                f"{self.path.name} holds no {self.holds} of this program. Is it the right file?"
            )
        elif version != self.version:
            raise StoreError(
                f"{self.path.name} is of version {version}, and this program knows "
                f"{self.version}. Nothing was changed: update the program."
            )
        else:
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
            # SQLite reads the missing end of a file as zeros, and says nothing
            if self.path.stat().st_size < pages * page_bytes:
                raise self._damaged()

    def _damaged(self) -> StoreError:
        return StoreError(f"{self.path.name} is damaged. Take a copy, then restore a backup.")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what SQLite raises into a StoreError that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            kind = getattr(error, "sqlite_errorname", "")
            name = self.path.name
            if kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise StoreBusy(
                    f"{name} was held by another program for {self.timeout:g} s. Try again."
                ) from error
            if kind.startswith("SQLITE_CANTOPEN"):
                raise StoreError(
                    f"{name} is gone, or its folder is. Restore it; a new one would be empty."
                ) from error
            if kind.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
                raise self._damaged() from error
            raise StoreError(f"{name}: {error}") from error
