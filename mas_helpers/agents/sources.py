"""Lesson 09: documents searched, read within their folder, and quoted so that code can
check.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from anthropic.lib.tools import ToolError
from pydantic import BaseModel

from .aggregator import contains_words

MOST_BYTES = 20_000  # of one document: about 6,000 tokens by one for 3.3 characters


class Index(sqlite3.Connection):
    """A database in memory that closes itself when nobody has it any more; Python 3.13 warns of one
    that does not.
    """

    def __del__(self) -> None:
        self.close()


def build_index(documents: Mapping[str, str]) -> sqlite3.Connection:
    """A full-text index, in memory, to which `passengers` and `passenger` are one word."""
    index = sqlite3.connect(":memory:", check_same_thread=False, factory=Index)
    index.execute("CREATE VIRTUAL TABLE documents USING fts5(name, text, tokenize = 'porter')")
    index.executemany("INSERT INTO documents VALUES (?, ?)", sorted(documents.items()))
    return index


def search_index(index: sqlite3.Connection, query: str, most: int = 5) -> list[str]:
    """The names of the documents in which any word of the query stands, best first."""
    words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query)[:30])
    best = "SELECT name FROM documents WHERE documents MATCH ? ORDER BY rank, name LIMIT ?"
    return [name for (name,) in index.execute(best, (words, most))] if words else []


# A pipe would never answer; Windows would translate line ends
READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_inside(folder: Path, name: str) -> str:
    """The text of a document in the folder, and of nothing else: ToolError for what is outside,
    large or no text.
    """
    nothing = ToolError(
        f"There is no document {name[:80]!r}. A name looks like this: letter_2025.md"
    )
    if not re.fullmatch(r"[A-Za-z0-9_]{1,80}\.md", name):
        raise nothing  # so no path, no drive, no stream, nothing hidden
    try:
        if name not in os.listdir(folder):
            # another spelling, where a disk takes A for a; a device of Windows, as con.md
            raise nothing
        path = (folder / name).resolve()
        if path.parent != folder.resolve():
            raise nothing  # a link that leads out
        with open(os.open(path, READ_ONLY), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise nothing  # a folder, a device, a pipe
            content = file.read(MOST_BYTES + 1)
            text = content.decode().replace("\r\n", "\n")
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        raise nothing from None
    except UnicodeDecodeError:
        raise ToolError(f"{name} is no text, or a very long one.") from None
    if len(content) > MOST_BYTES or "\0" in text:
        raise ToolError(f"{name} is no text, or a very long one.")
    return text


def documents_in(folder: Path) -> dict[str, str]:
    """Every document of the folder under its name: `{"letter_2025.md": "# A letter…", …}`."""
    names = sorted(path.name for path in folder.glob("*.md"))
    if not names:
        raise FileNotFoundError(
            f"There is no document in {folder}. Is the course's folder complete?"
        )
    return {name: read_inside(folder, name) for name in names}


def corpus_folder(folder: Path | str | None = None) -> Path:
    """Where the documents are: the folder given, `./corpus` or `./notebooks/corpus`."""
    places = [Path(folder)] if folder else [Path("corpus"), Path("notebooks/corpus")]
    return next((place for place in places if place.is_dir()), places[0])


def corpus_tools(folder: Path) -> list[Callable[[str], str]]:
    """The tools `search` and `read_document` over one folder; they see nothing outside of it and
    change nothing.
    """
    documents = documents_in(folder)
    index, one_at_a_time = build_index(documents), threading.Lock()

    def search(query: str) -> str:
        """The five documents that fit best, each with its name, its title and where it is from.

        Args:
            query: a few words that stand in what you look for
        """
        with one_at_a_time:
            names = search_index(index, query)
        heads = [" ".join(documents[name].lstrip("# ").split("\n\n")[:2]) for name in names]
        return (
            "\n".join(f"{name}: {head}" for name, head in zip(names, heads, strict=True))
            or "Nothing was found."
        )

    def read_document(name: str) -> str:
        """The whole text of one document.

        Args:
            name: as search gives it, for example letter_2025.md
        """
        return read_inside(folder, name)

    return [search, read_document]


class Fact(BaseModel):
    """A claim, the document that it is from, and the document's words, copied."""

    claim: str
    document: str
    words: str


class Notes(BaseModel):
    """What a researcher found, and what it looked for and did not find."""

    facts: list[Fact]
    gaps: list[str]


def find_unsupported(facts: list[Fact], documents: Mapping[str, str]) -> dict[int, str]:
    """Why a fact can't be used, under its place in the list; `{}` where all can be."""
    reasons = {}
    for i, fact in enumerate(facts):
        if fact.document not in documents:
            reasons[i] = f"there is no document {fact.document!r}"
        elif not contains_words(documents[fact.document], fact.words):
            reasons[i] = f"{fact.document} does not say {fact.words!r}"
    return reasons
