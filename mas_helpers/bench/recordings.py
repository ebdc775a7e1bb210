"""Recordings: what the API answered, in YAML files that people can read and review."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import functools
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import anthropic
import yaml

from .advice import advice_on

FORMAT = 2
# Format 1 called the name "lesson". It is still read: others have paid for recordings in it.
READABLE_FORMATS = (1, FORMAT)
KEPT_HEADERS = ("content-type", "request-id", "retry-after", "retry-after-ms")


class RecordingError(anthropic.AnthropicError):
    """A recording file is not there, damaged, or of another format."""


class MissingRecording(anthropic.AnthropicError):
    """No recorded reply fits the request. The SDK neither wraps nor retries it."""


@dataclass
class Reply:
    """What the API sent back.

    One of `body` (JSON), `text` (anything else) and `events` (a stream) is set.

    `seconds` runs from the request to the whole reply, for a stream to its headers; an event is
    `{"at": 1.9, "data": "event: …\\ndata: …\\n\\n"}` with `at` in seconds from the request.
    """

    status: int = 200
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    events: list[dict[str, Any]] | None = None


@dataclass
class Exchange:
    """One request and its reply.

    `request` is `{"method": "POST", "path": "/v1/messages", "body": {…}}`.
    """

    agent: str
    request: dict[str, Any]
    reply: Reply

    @functools.cached_property
    def key(self) -> str:
        """What a request must equal to get this reply."""
        return key_of(self.request)


@dataclass
class Recording:
    """Exchanges under one name, in the order in which the requests arrived."""

    name: str
    source: str = ""
    recorded: str = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).date().isoformat()
    )
    sdk: str = f"anthropic {anthropic.__version__}"
    exchanges: list[Exchange] = field(default_factory=list)

    @functools.cached_property
    def by_key(self) -> dict[str, list[int]]:
        """Where each request stands: `{key: [index of its first reply, of its second, …]}`."""
        indexes: dict[str, list[int]] = {}
        for index, exchange in enumerate(self.exchanges):
            indexes.setdefault(exchange.key, []).append(index)
        return indexes

    def save(self, path: Path) -> None:
        """Writes the whole file, or leaves the old one as it was."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        items = f"\n{to_yaml(self.exchanges)}" if self.exchanges else " []\n"
        part.write_text(f"{self.head()}exchanges:{items}", encoding="utf-8", newline="\n")
        os.replace(part, path)

    def head(self) -> str:
        """The first lines of the file: where the exchanges come from."""
        return _dump(
            {
                "format": FORMAT,
                "name": self.name,
                "source": self.source,
                "recorded": self.recorded,
                "sdk": self.sdk,
            }
        )


def to_yaml(exchanges: list[Exchange]) -> str:
    """Exchanges as items of the file's list."""
    return _dump([_as_plain(exchange) for exchange in exchanges])


def load(path: Path) -> Recording:
    """The recording in a file, as an object of your own.

    Raises RecordingError, which names the file and, where it can, the line.
    """
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=_Loader)
    except FileNotFoundError:
        raise RecordingError(_nothing_recorded(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {min(mark.line + 1, len(text.splitlines()))}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RecordingError(
            f"{path}{line}: not readable as YAML ({reason}). {way_back(path)}"
        ) from None
    if isinstance(data, dict) and "interactions" in data:
        raise RecordingError(
            f"{path}: a cassette of vcrpy. To make a recording of it, move it elsewhere, then: "
            f"python -m mas_helpers import {path.name}"
        )
    if not isinstance(data, dict) or "exchanges" not in data or "format" not in data:
        raise RecordingError(
            f"{path}, line 1: not a recording (no 'format' and 'exchanges'). {way_back(path)}"
        )
    if data["format"] not in READABLE_FORMATS:
        raise RecordingError(
            f"{path}: format {data['format']!r}; this version of mas_helpers reads formats 1 and "
            f"{FORMAT}. Update mas_helpers. {way_back(path)}"
        )
    try:
        exchanges = [_from_plain(e) for e in data["exchanges"] or []]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RecordingError(
            f"{path}: an exchange is incomplete ({type(error).__name__}: {error}). {way_back(path)}"
        ) from None
    return Recording(
        name=str(data.get("name") or data.get("lesson") or ""),
        source=str(data.get("source", "")),
        recorded=str(data.get("recorded", "")),
        sdk=str(data.get("sdk", "")),
        exchanges=exchanges,
    )


def load_shared(path: Path) -> Recording:
    """The recording in a file, read once per process as long as the file stays the same: whoever
    asks gets the same object, so change nothing in it. Raises RecordingError.
    """
    try:
        file = path.stat()
    except FileNotFoundError:
        raise RecordingError(_nothing_recorded(path)) from None
    return _load_version(path.absolute(), file.st_mtime_ns, file.st_size, file.st_ino)


@functools.lru_cache(maxsize=64)
def _load_version(path: Path, mtime_ns: int, size: int, inode: int) -> Recording:
    return load(path)


def way_back(path: Path) -> str:
    """How to get a recording that can be read: what the adviser says, or what is true of any."""
    return advice_on(path) or (
        "Take it from your version control, or delete it and record it again with MAS_MODE=record."
    )


def _nothing_recorded(path: Path) -> str:
    others = names_in(path.parent)
    close = difflib.get_close_matches(path.stem, others, n=1)
    maybe = f" Did you mean {close[0]!r}?" if close else ""
    return (
        f"Nothing is recorded for {path.stem!r}: there is no {path}.{maybe} "
        f"Recorded there: {', '.join(others) or 'none'}. "
        + (advice_on(path) or "To record it: set ANTHROPIC_API_KEY and MAS_MODE=record.")
    )


def names_in(folder: Path) -> list[str]:
    """The names of the recordings in a folder."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def key_of(request: dict[str, Any]) -> str:
    """What must be the same for a recorded reply to be the answer: method, path and body, never a
    header.
    """
    return json.dumps(
        [request["method"], request["path"], request["body"]], sort_keys=True, ensure_ascii=False
    )


def _as_plain(exchange: Exchange) -> dict[str, Any]:
    reply = {k: v for k, v in dataclasses.asdict(exchange.reply).items() if v is not None}
    return {"agent": exchange.agent, "request": exchange.request, "reply": reply}


def _from_plain(data: dict[str, Any]) -> Exchange:
    request = {
        "method": data["request"]["method"],
        "path": data["request"]["path"],
        "body": data["request"]["body"],
    }
    reply = Reply(**data["reply"])
    reply.headers = {name: str(value) for name, value in reply.headers.items()}
    times = [reply.seconds, *(event["at"] for event in reply.events or [])]
    if type(reply.status) is not int or not all(map(_is_time, times)):
        raise TypeError("a reply needs a whole status, seconds as a number, and headers")
    return Exchange(agent=str(data["agent"] or ""), request=request, reply=reply)


def _is_time(seconds: object) -> bool:
    return type(seconds) in (int, float) and 0 <= cast(float, seconds) < math.inf


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what JSON can hold: 2026-11-20 is a text, and so is yes."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:timestamp"]
    for first, forms in _Loader.yaml_implicit_resolvers.items()
}
for _first in "yYnNoO":
    _Loader.yaml_implicit_resolvers[_first] = [
        (tag, form)
        for tag, form in _Loader.yaml_implicit_resolvers[_first]
        if tag != "tag:yaml.org,2002:bool"
    ]


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Texts of several lines as blocks, so that a reviewer reads them as they were written; no
    aliases.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _represent_text)


def _dump(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
