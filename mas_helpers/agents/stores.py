"""Lesson 18: where a conversation is kept: in a dictionary, in SQLite, in Redis."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .sqlite_file import SQLiteFile, StoreError

if TYPE_CHECKING:
    from redis import Redis

VERSION = 1  # of how turns are stored; a store of a later one is left alone
APPLICATION = 0x4D415331  # "MAS1"


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
    CREATE INDEX by_session ON turns (person, session, n)"""


class SQLiteStore:
    """Turns in a file, for any number of processes on this machine.

    timeout: the seconds that it waits for a program that holds the file, before StoreBusy. Each
    call opens the file and closes it again, so a store may be used in any thread and after a fork.
    Raises StoreError where there is a file that is not whole, or not a store of this version.
    """

    def __init__(self, path: Path | str, timeout: float = 5.0) -> None:
        self._file = SQLiteFile(
            path,
            SCHEMA,
            application=APPLICATION,
            holds="conversations",
            version=VERSION,
            timeout=timeout,
        )
        self.path = self._file.path

    def load(self, session: Session) -> list[Turn]:
        with self._explained(), self._file.transaction(writes=False) as db:
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
        with self._file.transaction() as db:
            (found,) = db.execute(
                "SELECT count(*) FROM turns WHERE person = ? AND session = ?", key
            ).fetchone()
            require_unchanged(session, after, found)
            db.execute(
                "INSERT INTO turns (person, session, question, answer) VALUES (?, ?, ?, ?)",
                (*key, turn.question, turn.answer),
            )

    def sessions(self, person: str) -> list[Session]:
        with self._explained(), self._file.transaction(writes=False) as db:
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
        with self._file.transaction() as db:
            deleted = db.execute("DELETE FROM turns WHERE person = ?", (person,)).rowcount
        with self._file.explained(), closing(self._file.connect()) as db:
            db.execute("VACUUM")
        return deleted

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns a row that is no turn into a StoreError."""
        try:
            yield
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
