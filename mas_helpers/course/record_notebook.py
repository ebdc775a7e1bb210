"""Records a notebook: finds the API, says the cost, runs it, puts its recording in place."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anthropic

from ..bench import recordings
from ..bench.client import PLACEHOLDER_KEY, MissingKey
from ..bench.time.loop import is_on_this_machine
from ..bench.tracing.cost import UnknownPrice
from ..pictures.text import count_text, dollars
from .live_costs import cost_of_recording
from .notebooks import NotebookError, Progress, kernel_environment, run_cells

# A kernel that shuts down is given five seconds, too few for replies still under way, and tells
# nobody of an error then. So recordings are written by a last cell, which may take its time.
FINISH = "from mas_helpers.bench.transports.record import finish_all\nfinish_all()"


class NotRecorded(NotebookError):
    """A recording run ended early, and the old recording is unchanged. `.interrupted`: True after
    Ctrl-C.
    """

    def __init__(self, message: str, *, interrupted: bool = False) -> None:
        super().__init__(message)
        self.interrupted = interrupted


def record(
    path: Path,
    changes: dict[str, str | None],
    progress: Progress,
    seconds_per_cell: int | None = None,
) -> list[Path]:
    """The recordings that a run of this notebook wrote: its own, started from nothing, and others
    with what it asked added.

    They are written in a folder of their own, and take their place only after the last cell. Raises
    NotRecorded.
    """
    folder = path.resolve().parent / "recordings"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="run-", suffix=".part", dir=folder, ignore_cleanup_errors=True
    ) as name:
        place = Path(name)
        for old in folder.glob("*.yaml"):
            # its own starts empty, so that nothing stays in it that no cell asks
            if old.stem != path.stem:
                shutil.copyfile(old, place / old.name)
        # what an earlier run paid for isn't paid again
        for part in folder.glob("*.yaml.part"):
            shutil.copyfile(part, place / part.name)
        before = {copy: copy.read_bytes() for copy in place.iterdir()}
        own: dict[str, str | None] = {
            "MAS_MODE": "record",
            "MAS_RECORDINGS": name,
            "MAS_USED": None,
        }
        try:
            run_cells(
                path,
                kernel_environment(own | changes),
                progress=progress,
                seconds_per_cell=seconds_per_cell,
                finally_run=FINISH,
            )
        except (Exception, KeyboardInterrupt) as error:
            paid = _keep_replies(_changed_files(place, before), folder)
            raise _not_recorded(path, error, paid) from error
        changed = _changed_files(place, before)
        written = [new for new in changed if new.suffix == ".yaml"]
        targets = [put_in_place(new, folder / new.name) for new in written]
        _keep_replies([left for left in changed if left.suffix == ".part"], folder)
        return targets


def put_in_place(new: Path, target: Path) -> Path:
    """The target, with the recording that was in `new`.

    It keeps its date if nothing but the date would change.
    """
    recording = recordings.load(new)
    if target.exists():
        try:
            old = recordings.load(target)
        except recordings.RecordingError:
            pass  # a damaged one has no date worth keeping
        else:
            if dataclasses.replace(recording, recorded=old.recorded) == old:
                recording.recorded = old.recorded
    recording.save(target)
    new.unlink()
    # what an earlier run paid for is in the recording now
    target.with_name(target.name + ".part").unlink(missing_ok=True)
    return target


def _changed_files(place: Path, before: dict[Path, bytes]) -> list[Path]:
    files = sorted(path for path in place.iterdir() if path.is_file())
    return [path for path in files if path.read_bytes() != before.get(path)]


def _keep_replies(paid: list[Path], folder: Path) -> list[Path]:
    """Moves the replies of a run that ended early out of the way of recordings in use."""
    names = [path.name.removesuffix(".part") for path in paid]
    # where a recording and its part were written, each gets a name; the next run takes up both
    kept = [
        folder / (f"{name}.part" if name not in names[:i] else f"{name}.{i}.part")
        for i, name in enumerate(names)
    ]
    for path, target in zip(paid, kept, strict=True):
        os.replace(path, target)
    return kept


def _not_recorded(path: Path, error: BaseException, kept: list[Path]) -> NotRecorded:
    interrupted = isinstance(error, KeyboardInterrupt)
    happened = f"{path.stem}: stopped." if interrupted else str(error) or repr(error)
    names = ", ".join(f"recordings/{part.name}" for part in kept)
    where = f"The replies that were paid for are in {names}." if kept else "No reply had come yet."
    return NotRecorded(
        f"{happened}\nThe recording of {path.stem} is as it was. {where}", interrupted=interrupted
    )


def find_api(base_url: str | None) -> tuple[str, dict[str, str | None]]:
    """The address of the API, and what kernels need in their environment to reach it.

    Raises NotebookError for something that isn't an address, and MissingKey.
    """
    with anthropic.Anthropic(base_url=base_url or None) as client:
        signs_in = (client.api_key, client.auth_token, client.credentials)
        has_key = any(way is not None for way in signs_in)
        address = str(client.base_url).rstrip("/")
    host = urlsplit(address).hostname
    if not host or not address.startswith(("http://", "https://")):
        raise NotebookError(
            f"{address!r} is not an address. Write it like this: --base-url http://127.0.0.1:8000"
        )
    if is_on_this_machine(host):
        return address, reach_this_machine(address, with_key=not has_key)
    if has_key:
        return address, {"ANTHROPIC_BASE_URL": address}
    raise MissingKey(
        f"{address} needs a key, and none is set. Set the environment variable ANTHROPIC_API_KEY "
        "(keys: https://platform.claude.com), or name a server on this machine: "
        "--base-url http://127.0.0.1:8000"
    )


def reach_this_machine(address: str, *, with_key: bool = True) -> dict[str, str | None]:
    """What a kernel needs in its environment to reach a server on loopback: past any proxy, with a
    placeholder for a key; openai's client reaches it as well.
    """
    proxied = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    direct = ",".join(filter(None, [proxied, urlsplit(address).hostname]))
    changes: dict[str, str | None] = {"NO_PROXY": direct, "no_proxy": direct}
    changes["ANTHROPIC_BASE_URL"] = address
    changes |= {"OPENAI_BASE_URL": f"{address}/v1", "OPENAI_API_KEY": PLACEHOLDER_KEY}
    if with_key:
        changes["ANTHROPIC_API_KEY"] = PLACEHOLDER_KEY
    return changes


def estimate_costs(paths: list[Path]) -> Iterator[str]:
    """What recording will cost: a line for each notebook, and one for all."""
    total, unknown = 0.0, 0
    for path in paths:
        file = path.parent / "recordings" / f"{path.stem}.yaml"
        try:
            old = recordings.load(file)
            cost = cost_of_recording(old)
        except (recordings.RecordingError, UnknownPrice) as error:
            unknown += 1
            why = f"cost unknown: {error}" if file.exists() else "no recording yet: cost unknown"
            yield f"  {path.stem}: {why}"
        else:
            total += cost.cost_usd
            about = f"{count_text(cost.calls, 'call')}, about {dollars(cost.cost_usd)}"
            yield (
                f"  {path.stem}: {about}, "
                f"going by its recording of {old.recorded} from {old.source}"
            )
    also = f", and {unknown} of unknown cost" if unknown else ""
    yield f"In all about {dollars(total)}{also}."


def summarize(path: Path) -> str:
    """What is in a recording, in one line; a second line says what isn't clean about it."""
    recording = recordings.load(path)
    try:
        price = dollars(cost_of_recording(recording).cost_usd)
    except UnknownPrice as error:
        price = str(error)
    line = (
        f"recordings/{path.name}: {count_text(len(recording.exchanges), 'call')}, {price}, "
        f"source {recording.source}"
    )
    statuses = [exchange.reply.status for exchange in recording.exchanges if exchange.reply]
    errors = [str(status) for status in statuses if status == 429 or status >= 500]
    if errors:
        line += f"\n  Errors among its replies: {', '.join(errors)}. "
        line += "A clean recording has none: record it again."
    return line
