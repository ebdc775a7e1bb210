"""Lesson 18: what an agent is told of earlier turns, and how a person is forgotten."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .agent import AgentLike
from .sources import build_index, search_index
from .sqlite_file import StoreError
from .stores import Session, SessionChanged, Store, Turn

Recall = Callable[[Sequence[Turn], str], Awaitable[Sequence[Turn]]]


def history_prompt(turns: Sequence[Turn], question: str) -> str:
    """What an agent reads: the earlier turns as JSON, which no guest's words can break out of, then
    the question.
    """
    if not turns:
        return question
    earlier = "\n".join(
        json.dumps([turn.question, turn.answer], ensure_ascii=False) for turn in turns
    )
    return f"Earlier in this conversation, as [question, answer]:\n{earlier}\n\nNow: {question}"


async def all_turns(turns: Sequence[Turn], question: str) -> Sequence[Turn]:
    """Every turn: fine until the history outgrows the window."""
    return turns


async def take_turn(
    store: Store, session: Session, question: str, agent: AgentLike, recall: Recall = all_turns
) -> str:
    """The agent's answer, which is stored before anybody sees it.

    If the session changed meanwhile, the agent is asked again, three times at most, then raises
    SessionChanged. Raises TurnNotStored, with the answer, where it was paid for and can't be kept.
    """
    Turn(question, "")  # a question that can't be stored is refused before it is paid for
    for tries_left in (2, 1, 0):
        turns = store.load(session)
        answer = await agent.run(history_prompt(await recall(turns, question), question))
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            if not tries_left:
                raise
        except (StoreError, ValueError) as error:
            raise TurnNotStored(answer, error) from error
    raise AssertionError("the last try returned or raised")


class TurnNotStored(StoreError):
    """A turn was answered, and the store would not take it: `.answer` is all there is of it."""

    def __init__(self, answer: str, reason: Exception) -> None:
        self.answer = answer
        super().__init__(f"the answer is here, but the next turn won't know of it: {reason}")


def newest(turns: Sequence[Turn], window: int) -> Sequence[Turn]:
    """The last `window` turns; none for 0. Raises ValueError below that."""
    if window < 0:
        raise ValueError(f"window={window}: a window holds 0 turns or more")
    return turns[max(0, len(turns) - window) :]


async def summarize(turns: Sequence[Turn], window: int, writer: AgentLike) -> Sequence[Turn]:
    """The last `window` turns behind one that sums up all before them; the writer is asked each
    time there is something to sum up.
    """
    kept = newest(turns, window)
    old = turns[: len(turns) - len(kept)]
    if not old:
        return kept
    told = await writer.run(history_prompt(old, "Sum this up."))
    return [Turn("(a summary of what was said before)", told), *kept]


def look_up(turns: Sequence[Turn], question: str, window: int, most: int = 2) -> Sequence[Turn]:
    """The last `window` turns, behind `most` older ones at most that hold words of the question."""
    kept = newest(turns, window)
    old = turns[: len(turns) - len(kept)]
    texts = {f"{i:06}": f"{turn.question} {turn.answer}" for i, turn in enumerate(old)}
    found = search_index(build_index(texts), question, most)
    return [*(old[int(name)] for name in sorted(found)), *kept]


@dataclass(frozen=True)
class Forgotten:
    """What was deleted of a person, and where their name still stands, as `"runs.jsonl:3"`."""

    turns: int
    lines: int
    files: int
    still_named: list[str]


def forget_person(
    person: str, stores: Iterable[Store], logs: Iterable[Path] = (), folders: Iterable[Path] = ()
) -> Forgotten:
    """What was deleted of a person from stores, logs of JSON lines, and roots of memory folders.

    A line of a log goes if its `person` is this one; of other lines that hold the name, in capital
    letters or not, it says where they are. What fails raises its own error, and all can be called
    again.
    """
    lines, still_named = 0, list[str]()
    for log in logs:
        gone, named = forget_in_log(log, person)
        lines, still_named = lines + gone, still_named + [f"{log.name}:{n}" for n in named]
    files = 0
    for root in folders:
        folder = memory_folder(root, person)
        if folder.exists():
            files += sum(path.is_file() for path in folder.rglob("*"))
            shutil.rmtree(folder)
    return Forgotten(sum(store.forget(person) for store in stores), lines, files, still_named)


def forget_in_log(log: Path, person: str) -> tuple[int, list[int]]:
    """How many lines of a person were deleted, and the numbers of other lines with that name, in
    whichever case.

    The log is replaced at once or not at all; nothing may write to it meanwhile.
    """
    lines = log.read_bytes().split(b"\n")
    kept = [line for line in lines if not _is_about(line, person)]
    if len(kept) < len(lines):
        part = log.with_name(f"{log.name}.part")
        part.write_bytes(b"\n".join(kept))
        os.replace(part, log)
    spellings = {person.casefold(), json.dumps(person)[1:-1].casefold()}
    texts = [line.decode("utf-8", "replace").casefold() for line in kept]
    named = [n for n, text in enumerate(texts, 1) if any(name in text for name in spellings)]
    return len(lines) - len(kept), named


def _is_about(line: bytes, person: str) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:  # half written: somebody has to look at it, if the name is in it
        return False
    return isinstance(entry, dict) and entry.get("person") == person


def memory_folder(root: Path, person: str) -> Path:
    """The folder for one person's memory files. Its name is a hash of theirs: nobody can read it,
    and `../ben` is a person like any other.
    """
    Session(person, "-")
    return root / hashlib.sha256(person.encode()).hexdigest()[:32]
