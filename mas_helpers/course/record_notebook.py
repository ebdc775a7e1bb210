"""Record a notebook anew: the way to the API, what it will cost, the run, what came of it."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anthropic

from ..bench import recordings
from ..bench.client import MissingKey
from ..bench.recordings import Recording
from ..bench.tracing.cost import UnknownPrice
from .live_costs import cost_of_recording
from .notebooks import NotebookError, Progress, run_cells, variables


class NotRecorded(NotebookError):
    """A recording run ended early; the old recording stands. `.interrupted` is true after Ctrl-C."""

    interrupted = False


def record(
    path: Path,
    changes: dict[str, str | None],
    progress: Progress,
    seconds_per_cell: int | None = None,
) -> list[Path]:
    """The recordings that a run of this notebook wrote: its own anew, others with what it asked
    added.

    They are written in a folder of their own and take their place only after the last cell. Raises
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
        before = {copy: copy.read_bytes() for copy in place.iterdir()}
        environment = variables(
            **{"MAS_MODE": "record", "MAS_RECORDINGS": name, "MAS_USED": None} | changes
        )
        with _something_to_show(folder / f"{path.stem}.yaml"):
            try:
                limits = {"progress": progress, "seconds_per_cell": seconds_per_cell}
                run_cells(path, environment, finally_run=_FINISH, **limits)
            except (Exception, KeyboardInterrupt) as error:
                raise _not_recorded(path, error, _keep(_changed(place, before), folder)) from error
        return [
            _move(new, folder / new.name)
            for new in _changed(place, before)
            if new.suffix == ".yaml"
        ]


_FINISH = "from mas_helpers.bench.transports.record import finish_all\nfinish_all()"


@contextlib.contextmanager
def _something_to_show(recording: Path) -> Iterator[None]:
    """A recording of nothing where none is yet, during the run: 00_start_here shows the head of its
    own.
    """
    if recording.exists():
        yield
        return
    Recording(recording.stem, source="not recorded yet").save(recording)
    try:
        yield
    finally:
        recording.unlink()


def _changed(place: Path, before: dict[Path, bytes]) -> list[Path]:
    return sorted(
        path for path in place.iterdir() if path.is_file() and path.read_bytes() != before.get(path)
    )


def _move(new: Path, target: Path) -> Path:
    os.replace(new, target)
    target.with_name(target.name + ".part").unlink(missing_ok=True)
    return target


def _keep(paid: list[Path], folder: Path) -> list[Path]:
    """The replies of a run that ended early, out of the way of the recordings that are in use."""
    kept = [folder / (path.name.removesuffix(".part") + ".part") for path in paid]
    for path, target in zip(paid, kept, strict=True):
        os.replace(path, target)
    return kept


def _not_recorded(path: Path, error: BaseException, kept: list[Path]) -> NotRecorded:
    interrupted = isinstance(error, KeyboardInterrupt)
    happened = f"{path.stem}: stopped." if interrupted else str(error) or repr(error)
    paid = ", ".join(f"recordings/{part.name}" for part in kept)
    where = (
        f"The replies that were paid for are in {paid}." if kept else "No reply had come in yet."
    )
    made = NotRecorded(f"{happened}\nThe recording of {path.stem} is as it was. {where}")
    made.interrupted = interrupted
    return made


def way_to_the_api(base_url: str | None) -> tuple[str, dict[str, str | None]]:
    """The address, and what the kernels need in their environment to reach it. Raises MissingKey."""
    with anthropic.Anthropic(**({"base_url": base_url} if base_url else {})) as client:
        has_key = (
            client.api_key is not None
            or client.auth_token is not None
            or client.credentials is not None
        )
        address = str(client.base_url).rstrip("/")
    host = urlsplit(address).hostname
    if not host or not address.startswith(("http://", "https://")):
        raise NotebookError(
            f"{address!r} is not an address. Write it like this: --base-url http://127.0.0.1:8000"
        )
    if _is_this_machine(host):
        return address, way_on_this_machine(address, with_key=not has_key)
    if has_key:
        return address, {"ANTHROPIC_BASE_URL": address}
    raise MissingKey(
        f"{address} needs a key, and none is set. Set the environment variable ANTHROPIC_API_KEY "
        "(keys: https://platform.claude.com), or name a server on this machine: --base-url http://127.0.0.1:8000"
    )


def way_on_this_machine(address: str, *, with_key: bool = True) -> dict[str, str | None]:
    """What a kernel needs in its environment to reach a server on loopback: past any proxy, with a
    key that is none.
    """
    proxied = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    direct = ",".join(filter(None, [proxied, urlsplit(address).hostname]))
    key = {"ANTHROPIC_API_KEY": "placeholder"} if with_key else {}
    return {"ANTHROPIC_BASE_URL": address, "NO_PROXY": direct, "no_proxy": direct, **key}


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def costs(paths: list[Path]) -> Iterator[str]:
    """What recording will cost, a line for each notebook and one for all."""
    total, unknown = 0.0, 0
    for path in paths:
        try:
            old = recordings.load(path.parent / "recordings" / f"{path.stem}.yaml")
            cost = cost_of_recording(old)
            total += cost.cost_usd
            said = f"{calls(cost.calls)}, about {_dollars(cost.cost_usd)}, going by its recording of {old.recorded}"
            said += f" from {old.source}"
        except (recordings.RecordingError, UnknownPrice) as error:
            unknown += 1
            none_yet = not (path.parent / "recordings" / f"{path.stem}.yaml").exists()
            said = "no recording yet: cost unknown" if none_yet else f"cost unknown: {error}"
        yield f"  {path.stem}: {said}"
    yield f"In all about {_dollars(total)}" + (
        f", and {unknown} of unknown cost." if unknown else "."
    )


def calls(count: int) -> str:
    return f"{count} call" + ("" if count == 1 else "s")


def _dollars(amount: float) -> str:
    if 0 < amount < 0.00005:
        return "less than $0.0001"
    return f"${amount:.2f}" if amount >= 1 else f"${amount:.4f}"


def summary(path: Path) -> str:
    recording = recordings.load(path)
    try:
        dollars = _dollars(cost_of_recording(recording).cost_usd)
    except UnknownPrice as error:
        dollars = str(error)
    line = f"recordings/{path.name}: {calls(len(recording.exchanges))}, {dollars}, source {recording.source}"
    failed = [
        str(e.reply.status)
        for e in recording.exchanges
        if e.reply.status == 429 or e.reply.status >= 500
    ]
    if failed:
        line += f"\n  Errors among its replies: {', '.join(failed)}. A clean recording has none: record it again."
    return line
