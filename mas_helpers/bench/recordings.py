"""Recordings: what the API answered, in YAML files that people can read and review."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import difflib
import functools
import json
import math
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import anthropic
import httpx2
import yaml

from .advice import advice_on
from .counting import Counts

FORMAT = 3
# Others have paid for recordings in the older formats, so they are still read. Format 1 called the
# name "lesson"; both had neither bytes, nor broken replies, nor END.
READABLE_FORMATS = (1, 2, FORMAT)
# YAML's own mark for the end of a document: a file that was cut between two lines lacks it.
END = "...\n"
# The headers of replies that code steers by begin so. What isn't named here may say who asked
# (an organization, a session, a route), so it is never written.
KEPT_HEADERS = (
    "content-type",
    "content-disposition",  # the name of a file
    "request-id",
    "x-request-id",
    "x-amzn-",  # Bedrock: its request's id, class of error, token counts
    "retry-after",
    "x-should-retry",
    "anthropic-ratelimit-",
    "anthropic-priority-",
    "anthropic-fast-",
    "ratelimit",  # the draft standard, and gateways
    "x-ratelimit-",
    "deprecation",
    "sunset",
    "warning",
)


class RecordingError(anthropic.AnthropicError):
    """A recording file is missing, damaged, or in another format."""


class MissingRecording(anthropic.AnthropicError):
    """No recorded reply fits the request. The SDK neither wraps nor retries it."""


@dataclass
class Reply:
    """What the API sent back.

    One of these is set: `body` (JSON), `text`, `base64` (bytes that aren't text), `events` (a
    stream), or `broken`: the class of httpx2's error, if the connection broke before the whole
    reply had arrived.

    `seconds` runs from the request to the whole reply; for a stream, to its headers. An event is
    `{"at": 1.9, "data": "event: …\\ndata: …\\n\\n"}` with `at` in seconds from the request;
    `base64`
    or `broken` may take the place of `data`.
    """

    status: int = 200
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    events: list[dict[str, Any]] | None = None
    base64: str | None = None
    broken: str | None = None

    @property
    def failed(self) -> bool:
        """True for an API error and for a connection that broke, even in the middle of a stream."""
        broke = self.broken or any("broken" in event for event in self.events or [])
        return self.status >= 400 or bool(broke)


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
        """What a request must match to get this reply."""
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
    # how often each request was made to it in this process
    counts: Counts = field(default_factory=Counts, init=False, repr=False, compare=False)

    @functools.cached_property
    def by_key(self) -> dict[str, list[int]]:
        """Where each request is found: `{key: [index of its first reply, of its second, …]}`."""
        indexes: dict[str, list[int]] = {}
        for index, exchange in enumerate(self.exchanges):
            indexes.setdefault(exchange.key, []).append(index)
        return indexes

    def save(self, path: Path) -> None:
        """Writes the whole file, or leaves the old one untouched."""
        items = f"\n{to_yaml(self.exchanges)}" if self.exchanges else " []\n"
        write_whole(path, f"{self.head()}exchanges:{items}{END}")

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


def write_whole(path: Path, text: str) -> None:
    """Writes the whole file, or leaves the old one untouched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def path_of(folder: Path, name: str) -> Path:
    """The file of that name. Raises RecordingError for a name that points outside the folder, or
    that isn't a valid file name on every system.
    """
    parts = str(name).split("/")
    problem = next(filter(None, map(_wrong_with, parts)), "")
    if problem:
        raise RecordingError(
            f"{shortened(str(name))!r} can't be the name of a recording: {problem}. A name is like "
            "'desk' or 'team/desk': letters, digits, '_', '-', in the folder of the recordings."
        )
    # absolute: the program may change its folder later
    return folder.absolute().joinpath(*parts[:-1], f"{parts[-1]}.yaml")


def _wrong_with(part: str) -> str:
    if part in ("", ".", "..") or "\\" in part or part[1:2] == ":":
        return "it leaves the folder"
    if bad := re.search(r'[<>:"|?*\x00-\x1f\ud800-\udfff]', part):
        return f"{bad[0]!r} is not allowed in a file's name"
    if part.endswith((" ", ".")):
        return "it ends in a space or a dot"
    if re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", part):
        return f"{part} is reserved on Windows"
    if len(part.encode()) > LONGEST_NAME:
        return f"it has more than {LONGEST_NAME} bytes"
    return ""


# a file's name has 255 bytes at most, and the longest of ours ends in .yaml.1234567890.new
LONGEST_NAME = 230


def shortened(text: str) -> str:
    """The text, cut if it is too long for a line."""
    return text if len(text) <= 60 else f"{text[:59]}…"


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
            f"{path}: format {data['format']!r}; this version of mas_helpers reads formats 1 to "
            f"{FORMAT}. Update mas_helpers. {way_back(path)}"
        )
    exchanges: list[Exchange] = []
    try:
        for plain in data["exchanges"] or []:
            exchanges.append(_from_plain(plain))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        number = _line_of(text, len(exchanges))
        raise RecordingError(
            f"{path}, line {number}: an exchange is incomplete ({type(error).__name__}: {error}). "
            f"{way_back(path)}"
        ) from None
    if _is_cut(text, data["format"], exchanges):
        raise RecordingError(
            f"{path}, line {len(text.splitlines())}: the rest of the file is missing. "
            f"{way_back(path)}"
        )
    return _recording(data, exchanges)


def _recording(data: dict[str, Any], exchanges: list[Exchange]) -> Recording:
    return Recording(
        name=str(data.get("name") or data.get("lesson") or ""),
        source=str(data.get("source", "")),
        recorded=str(data.get("recorded", "")),
        sdk=str(data.get("sdk", "")),
        exchanges=exchanges,
    )


def load_part(text: str) -> Recording:
    """Everything that is complete in a recording whose writing was interrupted."""
    while text:
        try:
            data = yaml.load(text, Loader=_Loader)
            exchanges = [_from_plain(plain) for plain in data["exchanges"] or []]
            return _recording(data, exchanges)
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError):
            text = text[: max(text.rfind("\n- ") + 1, 0)]  # the last one, again without it
    return Recording("")


def _line_of(text: str, number: int) -> int:
    """The line where an exchange begins, counted from 0."""
    lines = text.splitlines()
    begins = [line for line, words in enumerate(lines, 1) if words.startswith("- ")]
    return begins[number] if number < len(begins) else len(lines)


def _is_cut(text: str, form: int, exchanges: list[Exchange]) -> bool:
    if form >= 3:
        return not text.rstrip().endswith(END.rstrip())
    if not exchanges:
        return False
    # older formats have no mark, and what a reply ends in can still be told
    reply = exchanges[-1].reply
    if reply.events is not None:
        return "message_stop" not in str(reply.events[-2:]) and "error" not in str(
            reply.events[-1:]
        )
    if not isinstance(reply.body, dict):
        return reply.body is None and reply.text is None
    return reply.body.get("type") == "message" and "output_tokens" not in (
        reply.body.get("usage") or {}
    )


def load_shared(path: Path) -> Recording:
    """The recording in a file, read once per process as long as the file stays the same. Every
    caller gets the same object, so don't change anything in it. Raises RecordingError.
    """
    try:
        file = path.stat()
    except FileNotFoundError:
        raise RecordingError(_nothing_recorded(path)) from None
    with _loading:
        return _load_version(path.absolute(), file.st_mtime_ns, file.st_size, file.st_ino)


_loading = threading.Lock()  # two threads that came at once would each read it, and count apart


@functools.lru_cache(maxsize=64)
def _load_version(path: Path, mtime_ns: int, size: int, inode: int) -> Recording:
    return load(path)


def way_back(path: Path) -> str:
    """How to get a readable recording: what the adviser says, or else what is true of any
    recording.
    """
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


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a reply that are recorded, with their names in lower case."""
    return {name: value for name, value in headers.items() if name.startswith(KEPT_HEADERS)}


def key_of(request: dict[str, Any]) -> str:
    """What must be the same for a recorded reply to be the answer: method, path and body, but no
    headers.
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
    for event in reply.events or []:
        if not isinstance(event.get("data", event.get("base64", event.get("broken"))), str):
            raise TypeError("an event needs a text as data, base64 or broken")
    for broken in [reply.broken, *(event.get("broken") for event in reply.events or [])]:
        if broken is not None and not issubclass(getattr(httpx2, broken), httpx2.RequestError):
            raise TypeError(f"broken: {broken} is no error of a connection")
    for text in [reply.base64, *(event.get("base64") for event in reply.events or [])]:
        base64.b64decode(text or "", validate=True)
    json.dumps(reply.body)  # what contains itself is found here, and not when it is played
    exchange = Exchange(agent=str(data["agent"] or ""), request=request, reply=reply)
    _ = exchange.key
    return exchange


def _is_time(seconds: object) -> bool:
    return type(seconds) in (int, float) and 0 <= cast(float, seconds) < math.inf


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what JSON can hold: 2026-11-20 is text, and so is yes."""


def _surrogates(loader: Any, node: Any) -> str:
    text = json.loads(loader.construct_scalar(node))
    if not isinstance(text, str):
        raise yaml.constructor.ConstructorError(None, None, "!json is for texts", node.start_mark)
    return text


_JSON = ("null", "bool", "int", "float", "str", "seq", "map")
_Loader.yaml_constructors = {  # any other tag is unknown, and the file's line is named
    tag: construct
    for tag, construct in _Loader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in _JSON
} | {"!json": _surrogates}

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
    """Writes texts of several lines as blocks, so that a reviewer can read them as they were
    written; no aliases.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    if _SURROGATE.search(text):  # half an emoji, where a reply was cut: YAML can't say it
        return dumper.represent_scalar("!json", json.dumps(text))
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_SURROGATE = re.compile("[\ud800-\udfff]")
_Dumper.add_representer(str, _represent_text)


def _dump(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
