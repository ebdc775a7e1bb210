"""What was paid for and isn't in a recording yet: `name.yaml.part`, beside the recording.

Each exchange is written there as it comes, followed by a mark, so that one whose writing was
interrupted can be recognized. The next recording of that name takes them over.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock

from .. import recordings
from ..recordings import Exchange, Recording, to_yaml, write_whole

WHOLE = "# whole\n"


def part_of(path: Path) -> Path:
    """Where the replies of this recording are kept until they're in it."""
    return path.with_name(f"{path.name}.part")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time, and one thread, may change a recording and its part."""
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    # among the temporary files, for such a file stays: nobody can delete it safely
    lock = filelock.FileLock(Path(tempfile.gettempdir()) / f"mas-helpers-{name}.lock", mode=0o666)
    with lock:
        yield


def append(part: Path, exchange: Exchange, recording: Recording) -> None:
    """Writes one more exchange of a recording. Raises OSError, and leaves the part as it was."""
    text = to_yaml([exchange]) + WHOLE
    part.parent.mkdir(parents=True, exist_ok=True)
    size = part.stat().st_size if part.exists() else 0
    if not size:
        text = f"{recording.head()}exchanges:\n{text}"
    try:
        with part.open("ab") as file:
            file.write(text.encode())
    except OSError:
        with contextlib.suppress(OSError):
            os.truncate(part, size) if size else part.unlink()
        raise


def save_elsewhere(path: Path, exchange: Exchange, recording: Recording) -> Path | None:
    """A temporary file with this exchange; None if it can't be written."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part")
        os.close(descriptor)
        append(Path(name), exchange, recording)
    except OSError:
        return None
    return Path(name)


def take_up(path: Path) -> Recording:
    """The contents of all the parts of this recording, now in one part. An error that came last is
    left out, so that it is asked again.
    """
    part = part_of(path)
    others = sorted(path.parent.glob(f"{glob.escape(path.name)}.*.part"))
    parts = [one for one in (part, *others) if one.exists()]
    texts = [one.read_text(encoding="utf-8", errors="replace") for one in parts]
    found = [_whole(text) for text in texts]
    kept = Recording(path.stem, source=next((one.source for one in found if one.source), ""))
    kept.exchanges = _without_last_errors([e for one in found for e in one.exchanges])
    for one, text, recording in zip(parts, texts, found, strict=True):
        if text and not recording.exchanges:
            os.replace(one, _free_name(one))  # not ours, or damaged: somebody may want to look
        elif one != part:
            one.unlink()
    rewrite(part, kept)
    return kept


def rewrite(part: Path, recording: Recording) -> None:
    """Makes the part hold exactly these exchanges, and deletes it if there are none."""
    if not recording.exchanges:
        part.unlink(missing_ok=True)
        return
    items = "".join(to_yaml([exchange]) + WHOLE for exchange in recording.exchanges)
    text = f"{recording.head()}exchanges:\n{items}"
    if not part.exists() or part.read_text(encoding="utf-8", errors="replace") != text:
        write_whole(part, text)


def clear(part: Path, written: Recording, count: int) -> None:
    """Takes out of the part what is now written in a recording; count: how many exchanges the part
    has if nothing else is in it.
    """
    text = part.read_text(encoding="utf-8") if part.exists() else ""
    if text.count(f"\n{WHOLE}") == count:
        part.unlink(missing_ok=True)
        return
    rest = _whole(text)
    known = {to_yaml([exchange]) for exchange in written.exchanges}
    rest.exchanges = [e for e in rest.exchanges if not e.reply.failed and to_yaml([e]) not in known]
    rewrite(part, rest)


def _whole(text: str) -> Recording:
    if WHOLE in text:
        text = text[: text.rindex(WHOLE)]
    return recordings.load_part(text)


def _without_last_errors(exchanges: list[Exchange]) -> list[Exchange]:
    answered: set[str] = set()
    kept = []
    for exchange in reversed(exchanges):
        if not exchange.reply.failed:
            answered.add(exchange.key)
        if exchange.key in answered:
            kept.append(exchange)
    return kept[::-1]


def _free_name(part: Path) -> Path:
    names = (part.with_name(f"{part.name}.unreadable{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())
