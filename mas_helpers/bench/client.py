"""connect(): the one door to the API. What comes back is the SDK's own client."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, overload

import anthropic
import httpx2
from anthropic import Anthropic, AsyncAnthropic

from . import recordings
from .matching import Normalize
from .modes import Mode, current_mode
from .time.run import in_kernel
from .tracing.spans import provider
from .transports.fake import Answer, FunctionTransport
from .transports.faulty import Faults, FaultTransport
from .transports.network import NetworkTransport
from .transports.record import RecordTransport, recorder_of
from .transports.replay import OnPlay, ReplayTransport, UseLog
from .transports.retries import Attempts


class MissingKey(anthropic.AnthropicError):
    """Live and record mode ask the real API, and that needs a key."""


@overload
def connect(
    name: str,
    *,
    mode: Mode | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    sync: Literal[False] = False,
    faults: Faults = (),
    on_play: OnPlay | None = None,
    normalize_request: Normalize | None = None,
    **options: Any,
) -> AsyncAnthropic: ...
@overload
def connect(
    name: str,
    *,
    sync: Literal[True],
    mode: Mode | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    faults: Faults = (),
    on_play: OnPlay | None = None,
    normalize_request: Normalize | None = None,
    **options: Any,
) -> Anthropic: ...
@overload
def connect(
    name: str,
    *,
    sync: bool,
    mode: Mode | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    faults: Faults = (),
    on_play: OnPlay | None = None,
    normalize_request: Normalize | None = None,
    **options: Any,
) -> AsyncAnthropic | Anthropic: ...


def connect(
    name: str,
    *,
    mode: Mode | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    sync: bool = False,
    faults: Faults = (),
    on_play: OnPlay | None = None,
    normalize_request: Normalize | None = None,
    **options: Any,
) -> AsyncAnthropic | Anthropic:
    """A plain `AsyncAnthropic` (`Anthropic` with `sync=True`) on the recording of that name.

    mode: `"replay"` (default; no network, no key), `"record"` (asks the API, writes
    `folder/name.yaml`) or `"live"` (neither reads nor writes); else MAS_MODE. strict: a request
    that was never recorded is an error, not the nearest reply with a note; else MAS_STRICT=1.
    folder: where recordings are; else MAS_RECORDINGS, `./recordings` or `./notebooks/recordings`.
    faults: what fails on the way, `[Fault("overloaded", agent="worker", call=2)]` or
    `random_faults(7, slow=0.1)`; recordings stay clean. on_play: gets the index of each exchange of
    the recording as it is played. normalize_request: a function that takes out what may differ
    between two runs (a time, an id); it gets `{"method": …, "path": …, "body": …}` and returns it
    changed. Requests are matched and recorded so; what is sent stays as it is. Further options go
    to the client: `timeout=5.0`, `max_retries=0`, … Raises ModeError, RecordingError (none there,
    or damaged), MissingKey.
    """
    chosen = current_mode(mode)
    path = recordings_folder(folder) / f"{name}.yaml"
    if chosen == "replay":
        replay = ReplayTransport(
            recordings.load_shared(path),
            strict=_strict_by_environment() if strict is None else strict,
            on_play=on_play,
            use_log=_use_log(name),
            normalize=normalize_request,
        )
        return _client(replay, sync, faults, **{**options, **_OFFLINE})
    transport: Any = None if sync else NetworkTransport()
    if chosen == "record":
        transport = RecordTransport(recorder_of(name, path), normalize_request)
    client = _client(transport, sync, faults, **options)
    if client.api_key is None and client.auth_token is None and client.credentials is None:
        again = " and start Jupyter again from there" if in_kernel() else ""
        raise MissingKey(
            f"{chosen} mode asks the API, and no key is set. Set the environment variable "
            f"ANTHROPIC_API_KEY (keys: https://platform.claude.com){again}, "
            "or unset MAS_MODE to replay."
        )
    return client


def _strict_by_environment() -> bool:
    return os.environ.get("MAS_STRICT", "").lower() not in ("", "0", "false", "no")


def _use_log(name: str) -> UseLog | None:
    """Where the process that started this one reads what was played."""
    path = os.environ.get("MAS_USED")
    return UseLog(Path(path), name) if path else None


@overload
def fake_client(
    answer: Answer,
    *,
    sync: Literal[False] = False,
    faults: Faults = (),
    thinking: bool = True,
    **options: Any,
) -> AsyncAnthropic: ...
@overload
def fake_client(
    answer: Answer,
    *,
    sync: Literal[True],
    faults: Faults = (),
    thinking: bool = True,
    **options: Any,
) -> Anthropic: ...
@overload
def fake_client(
    answer: Answer,
    *,
    sync: bool,
    faults: Faults = (),
    thinking: bool = True,
    **options: Any,
) -> AsyncAnthropic | Anthropic: ...


def fake_client(
    answer: Answer,
    *,
    sync: bool = False,
    faults: Faults = (),
    thinking: bool = True,
    **options: Any,
) -> AsyncAnthropic | Anthropic:
    """A client whose model is your function: it gets the request's body and returns the text of the
    reply. It may be `async def`; for `sync=True` it may not.

    Or a dict of a message's fields, to play more than text: `{"content": [], "stop_reason":
    "refusal"}`; `"seconds"` in it is how long the reply takes, `"status"` other than 200 makes it
    an API error. A text comes behind an empty thinking block, as current models send it unless the
    request has `thinking` disabled; `thinking=False` leaves it out. Streams come word by word;
    count_tokens gives one for every 3.3 characters. faults: see connect. An error of the function
    is raised as NoReply, and so is a request to another endpoint.
    """
    transport = FunctionTransport(answer, thinking=thinking)
    return _client(transport, sync, faults, **{**options, **_OFFLINE})


_OFFLINE = {"api_key": "replay", "auth_token": None, "base_url": "https://api.anthropic.com"}


def _client(
    transport: Any, sync: bool, faults: Faults, **options: Any
) -> AsyncAnthropic | Anthropic:
    if "http_client" in options:
        raise TypeError(
            "http_client= is what connect() brings. "
            "Build the SDK's client yourself to use your own."
        )
    if faults:
        transport = FaultTransport(transport or httpx2.HTTPTransport(), faults)
    options["middleware"] = [*(options.get("middleware") or ()), Attempts()]
    options["open_telemetry"] = _telemetry(options.get("open_telemetry", {}))
    if sync:
        http_client = anthropic.DefaultHttpxClient(transport=transport) if transport else None
        return Anthropic(http_client=http_client, **options)
    async_http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    return AsyncAnthropic(http_client=async_http_client, **options)


def _telemetry(option: Any) -> Any:
    """The SDK's option for spans: whole prompts and answers, in memory, for the pictures."""
    if not isinstance(option, dict):
        return option
    content = {"content_mode": "content", "max_content_bytes": 10_000_000}
    ours = {"tracer_provider": provider(), "propagation": False, "traces": content}
    return {**ours, **option}


def recordings_folder(folder: Path | str | None = None) -> Path:
    """Where recordings are: the folder given, MAS_RECORDINGS, `./recordings` or
    `./notebooks/recordings`.
    """
    chosen = folder or os.environ.get("MAS_RECORDINGS")
    if chosen:
        return Path(chosen)
    usual = Path("recordings"), Path("notebooks/recordings")
    return next((path for path in usual if path.is_dir()), usual[0])
