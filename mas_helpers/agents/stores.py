"""Lesson 18: where a conversation is kept: in a dictionary, in SQLite, in Redis."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from redis import Redis

VERSION = 1  # of how turns are stored; a store of a later one is left alone
APPLICATION = (
    0x4D415331  # "MAS1": SQLite keeps it in the file, so no other database passes for ours
)


@dataclass(frozen=True, order=True)
class Session:
    """One conversation of one person: the key that every store uses. Raises ValueError for a person
    or an id that is empty, over 255 characters, or could be mistaken for another one.
    """

    person: str
    id: str

    def __post_init__(self) -> None:
        for name in (self.person, self.id):
            is_clear = isinstance(name, str) and name.isprintable() and name == name.strip()
            if not (is_clear and 0 < len(name) < 256 and unicodedata.is_normalized("NFC", name)):
                raise ValueError(
                    f"{name!r} can't name a person or a session: give 1 to 255 clear characters"
                )


@dataclass(frozen=True)
class Turn:
    """One question and its answer. Raises ValueError for what no store could write: UTF-8 has no
    bytes for it, or it is no text.
    """

    question: str
    answer: str

    def __post_init__(self) -> None:
        for text in (self.question, self.answer):
            if not isinstance(text, str):
                raise ValueError(f"a turn holds texts, not {text!r}")
            text.encode()


class Store(Protocol):
    """Where turns are kept. What can't be read or written is a StoreError."""

    def load(self, session: Session) -> list[Turn]:
        """The turns of a session, oldest first; `[]` for one that has none."""
        ...

    def append(self, session: Session, turn: Turn, after: int | None = None) -> None:
        """Adds a turn; only if the session still has `after` turns, else raises SessionChanged."""
        ...

    def sessions(self, person: str) -> list[Session]:
        """All that a person has here."""
        ...

    def forget(self, person: str) -> int:
        """Deletes all that a person has here; how many turns that were."""
        ...


class StoreError(Exception):
    """A store can't be used: it is gone, damaged, or of a newer version."""


class StoreBusy(StoreError):
    """Another program holds the store; asked again later, it may answer."""


class SessionChanged(StoreError):
    """Somebody else has added a turn, or deleted one, since the session was read."""

    def __init__(self, session: Session, after: int, found: int) -> None:
        self.session, self.after, self.found = session, after, found
        super().__init__(
            f"session {session.id!r} had {after} turns when it was read and has {found} now"
        )


class DictStore:
    """Turns in this process: gone when it ends."""

    def __init__(self) -> None:
        self._turns: dict[Session, list[Turn]] = {}

    def load(self, session: Session) -> list[Turn]:
        return list(self._turns.get(session, []))

    def append(self, session: Session, turn: Turn, after: int | None = None) -> None:
        turns = self._turns.setdefault(session, [])
        require_unchanged(session, after, len(turns))
        turns.append(turn)

    def sessions(self, person: str) -> list[Session]:
        return sorted(session for session in self._turns if session.person == person)

    def forget(self, person: str) -> int:
        return sum(len(self._turns.pop(session)) for session in self.sessions(person))


def require_unchanged(session: Session, after: int | None, found: int) -> None:
    """Nothing where the session has as many turns as expected; else raises SessionChanged."""
    if after is not None and after != found:
        raise SessionChanged(session, after, found)


SCHEMA = """
    CREATE TABLE turns (n INTEGER PRIMARY KEY, person TEXT NOT NULL, session TEXT NOT NULL,
                        question TEXT NOT NULL, answer TEXT NOT NULL);
    CREATE INDEX by_session ON turns (person, session, n);
    PRAGMA application_id = {application}; PRAGMA user_version = {version}"""


class SQLiteStore:
    """Turns in a file, for any number of processes on this machine.

    timeout: the seconds that it waits for a program that holds the file, before StoreBusy. Each
    call opens the file and closes it again, so a store may be used in any thread and after a fork.
    Raises StoreError where there is a file that is not whole, or not a store of this version.
    """

    def __init__(self, path: Path | str, timeout: float = 5.0) -> None:
        self.path, self.timeout = Path(path).absolute(), timeout
        with self._transaction(create=True) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise self._damaged()

    def load(self, session: Session) -> list[Turn]:
        with self._transaction(writes=False) as db:
            return [
                Turn(*row)
                for row in db.execute(
                    "SELECT question, answer FROM turns"
                    " WHERE person = ? AND session = ? ORDER BY n",
                    (session.person, session.id),
                )
            ]

    def append(self, session: Session, turn: Turn, after: int | None = None) -> None:
        key = (session.person, session.id)
        with self._transaction() as db:
            (found,) = db.execute(
                "SELECT count(*) FROM turns WHERE person = ? AND session = ?", key
            ).fetchone()
            require_unchanged(session, after, found)
            db.execute(
                "INSERT INTO turns (person, session, question, answer) VALUES (?, ?, ?, ?)",
                (*key, turn.question, turn.answer),
            )

    def sessions(self, person: str) -> list[Session]:
        with self._transaction(writes=False) as db:
            return [
                Session(person, id)
                for (id,) in db.execute(
                    "SELECT DISTINCT session FROM turns WHERE person = ? ORDER BY session",
                    (person,),
                )
            ]

    def forget(self, person: str) -> int:
        """Deletes all that a person has here, from the file's free pages too, with VACUUM; how many
        turns that were. Copies and backups of the file keep theirs.
        """
        with self._transaction() as db:
            deleted = db.execute("DELETE FROM turns WHERE person = ?", (person,)).rowcount
        with self._explained(), closing(self._connect()) as db:
            db.execute("VACUUM")
        return deleted

    @contextmanager
    def _transaction(
        self, *, writes: bool = True, create: bool = False
    ) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing, and for a block that writes, nobody writes in between."""
        with self._explained(), closing(self._connect(create)) as db:
            # IMMEDIATE locks before anything is read: two can't read the same and both write
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            self._require_ours(db, create)
            yield db
            db.execute("COMMIT")

    def _connect(self, create: bool = False) -> sqlite3.Connection:
        # mode=rw: a file that was deleted is an error, not a new and empty history
        address = f"{self.path.as_uri()}?mode={'rwc' if create else 'rw'}"
        return sqlite3.connect(address, uri=True, timeout=self.timeout, isolation_level=None)

    def _require_ours(self, db: sqlite3.Connection, create: bool) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if create and not (version or application or tables):
            for statement in SCHEMA.format(application=APPLICATION, version=VERSION).split(";"):
                db.execute(statement)
        elif application != APPLICATION:
            raise StoreError(
                f"{self.path.name} holds no conversations of this program. Is it the right file?"
            )
        elif version != VERSION:
            raise StoreError(
                f"{self.path.name} is of version {version}, and this program knows {VERSION}. "
                "Nothing was changed: update the program."
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
    def _explained(self) -> Iterator[None]:
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
        except ValueError as error:
            raise StoreError(f"{self.path.name} holds what is no turn: {error}") from error


class RedisStore:
    """Turns in a Redis server, for any number of machines: `RedisStore(redis.Redis())`.

    prefix: what all its keys begin with. Each call blocks for its way to the server and back.
    Raises StoreError where the server is gone, was emptied, or holds a newer version's turns.
    """

    def __init__(self, client: Redis, prefix: str = "memory") -> None:
        self.client, self.prefix = client, prefix
        with self._explained():
            client.set(f"{prefix}:version", VERSION, nx=True)
            self._require_version(client.get(f"{prefix}:version"))

    def load(self, session: Session) -> list[Turn]:
        with self._explained(), self.client.pipeline() as pipe:
            pipe.get(f"{self.prefix}:version")
            pipe.lrange(self._key(session), 0, -1)
            version, turns = pipe.execute()
            self._require_version(version)
            return [Turn(**json.loads(turn)) for turn in turns]

    def append(self, session: Session, turn: Turn, after: int | None = None) -> None:
        import redis

        text = json.dumps({"question": turn.question, "answer": turn.answer})
        with self._explained(), self.client.pipeline() as pipe:
            while True:
                watch: Any = pipe.watch  # redis gives it no types
                watch(self._key(session), f"{self.prefix}:version")
                self._require_version(pipe.get(f"{self.prefix}:version"))
                found: Any = pipe.llen(self._key(session))
                require_unchanged(session, after, found)
                pipe.multi()
                pipe.rpush(self._key(session), text)
                pipe.sadd(f"{self.prefix}:sessions:{session.person}", session.id)
                try:
                    pipe.execute()
                    return
                except redis.WatchError:  # somebody wrote between WATCH and EXEC: look again
                    continue

    def sessions(self, person: str) -> list[Session]:
        with self._explained():
            self._require_version(self.client.get(f"{self.prefix}:version"))
            ids: Any = self.client.smembers(f"{self.prefix}:sessions:{person}")
            return sorted(Session(person, id if isinstance(id, str) else id.decode()) for id in ids)

    def forget(self, person: str) -> int:
        """Deletes all that a person has here; how many turns that were. A snapshot that Redis has
        written to its disk keeps them until the next one.
        """
        deleted = 0
        for session in self.sessions(person):
            with self._explained(), self.client.pipeline() as pipe:
                pipe.llen(self._key(session))
                pipe.delete(self._key(session))
                pipe.srem(f"{self.prefix}:sessions:{person}", session.id)
                deleted += pipe.execute()[0]
        return deleted

    def _key(self, session: Session) -> str:
        """The list of its turns. As JSON, no two pairs of person and id give the same key."""
        return f"{self.prefix}:turns:{json.dumps([session.person, session.id])}"

    def _require_version(self, found: Any) -> None:
        if found is None:
            raise StoreError("the Redis server was emptied: restore its data before you go on")
        if int(found) != VERSION:
            raise StoreError(
                f"the Redis server holds version {int(found)}, and this program knows {VERSION}. "
                "Nothing was changed: update the program."
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what Redis raises, or holds, into a StoreError."""
        import redis

        try:
            yield
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise StoreError(f"the Redis server doesn't answer: {error}") from error
        except redis.RedisError as error:
            raise StoreError(f"the Redis server refused: {error}") from error
        except (ValueError, TypeError) as error:
            raise StoreError(f"the Redis server holds what is no turn: {error}") from error
