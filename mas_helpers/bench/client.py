"""connect(): the one door to the API. It gives you the SDK's own client."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, overload

import anthropic
import httpx2
from anthropic import Anthropic, AsyncAnthropic

from . import recordings
from .counting import ClientCount
from .matching import Normalize
from .modes import Mode, current_mode
from .recordings import path_of
from .time.loop import in_kernel, is_on_this_machine
from .tracing.spans import HeardProvider, tracer_provider
from .transports.fake import Answer, FunctionTransport
from .transports.faulty import Faults, FaultTransport
from .transports.network import NetworkTransport
from .transports.record import RecordTransport
from .transports.replay import OnPlay, ReplayTransport, ReplyTransport, UseLog
from .transports.retries import Attempts, AttemptTransport

C = TypeVar("C")


# The SDK sends none of its requests without a key; a server on this machine mostly wants none.
PLACEHOLDER_KEY = "placeholder"


class MissingKey(anthropic.AnthropicError):
    """Live and record mode ask the real API, and that needs a key. A server on this machine that
    ANTHROPIC_BASE_URL or `base_url=` names does not.
    """


@overload
def connect(
    name: str,
    *,
    client_class: type[C],
    mode: Mode | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    faults: Faults = (),
    on_play: OnPlay | None = None,
    normalize_request: Normalize | None = None,
    not_secret: Iterable[str] = (),
    **options: Any,
) -> C: ...
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
    not_secret: Iterable[str] = (),
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
    not_secret: Iterable[str] = (),
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
    not_secret: Iterable[str] = (),
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
    not_secret: Iterable[str] = (),
    client_class: type[Any] | None = None,
    **options: Any,
) -> Any:
    """A plain `AsyncAnthropic` (`Anthropic` with `sync=True`) on the recording of that name.

    mode: `"replay"` (the default: no network, no key), `"record"` (asks the API and writes
    `folder/name.yaml`) or `"live"` (asks the API, and neither reads nor writes a file); without it,
    MAS_MODE decides. strict: a request that was never recorded is an error, not the nearest reply
    with a note; without it, MAS_STRICT=1 decides. folder: where the recordings are; without it,
    MAS_RECORDINGS, then `./recordings` or `./notebooks/recordings`. faults: what fails on the way,
    `[Fault("overloaded", agent="worker", call=2)]` or `random_faults(7, slow=0.1)`; the recordings
    stay clean. on_play: called with the index of each exchange that is played. normalize_request: a
    function that takes out what may differ between two runs (a time, an id); it gets `{"method": …,
    "path": …, "body": …}` and returns it changed. Requests are matched and recorded that way; what
    is sent doesn't change. not_secret: texts that look like secrets but aren't, so they may be
    recorded. client_class: another client of the SDK, such as `AsyncAnthropicBedrock`,
    `AnthropicVertex`, `AsyncAnthropicFoundry`, or a subclass; replay needs no cloud credentials.
    Another vendor's client on httpx2 will do, such as `openai.AsyncOpenAI`: its requests are
    recorded, replayed and broken like the others; `agents.ChatAgent` opens the spans for it.
    Further options go to the client: `timeout=5.0`, `max_retries=0`, … Raises ModeError,
    RecordingError (the recording is missing or damaged), MissingKey.
    """
    chosen = current_mode(mode)
    path = path_of(recordings_folder(folder), name)
    if client_class is not None:
        sync = hasattr(client_class, "__enter__")
    count = ClientCount(lambda: bool(getattr(faults, "any", faults)))
    if chosen == "replay":
        replay = ReplayTransport(
            recordings.load_shared(path),
            strict=_strict_by_environment() if strict is None else strict,
            on_play=on_play,
            use_log=_use_log(name),
            normalize=normalize_request,
            client=count,
        )
        return _client(replay, sync, faults, client_class, **_offline(client_class, options))
    transport: Any = None if sync else NetworkTransport()
    if chosen == "record":
        transport = RecordTransport(
            name, path, normalize_request, client=count, not_secret=not_secret
        )
    client = _client(transport, sync, faults, client_class, **options)
    if client_class is not None:
        return client  # each cloud has its own errors for a login that is missing
    if client.api_key is None and client.auth_token is None and client.credentials is None:
        if is_on_this_machine(client.base_url.host):
            client.api_key = PLACEHOLDER_KEY
            return client
        again = " and start Jupyter again from there" if in_kernel() else ""
        raise MissingKey(
            f"{chosen} mode asks the API, and no key is set. Set the environment variable "
            f"ANTHROPIC_API_KEY (keys: https://platform.claude.com){again}, "
            "name a server on this machine in ANTHROPIC_BASE_URL, or unset MAS_MODE to replay."
        )
    return client


def _strict_by_environment() -> bool:
    return os.environ.get("MAS_STRICT", "").lower() not in ("", "0", "false", "no")


def _use_log(name: str) -> UseLog | None:
    """Where the process that started this one reads which replies were played."""
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
    reply. The function may be `async def`, except with `sync=True`.

    To play more than text, return a dict of a message's fields: `{"content": [], "stop_reason":
    "refusal"}`. `"seconds"` in it says how long the reply takes, and a `"status"` other than 200
    makes it an API error. A text comes after an empty thinking block, as current models send it,
    unless the request has `thinking` disabled; `thinking=False` leaves that block out. Streams come
    word by word; count_tokens gives one token for every 3.3 characters. faults: see connect. An
    error in the function is raised as NoReply, and so is a request to another endpoint.
    """
    transport = FunctionTransport(answer, thinking=thinking)
    client: AsyncAnthropic | Anthropic = _client(transport, sync, faults, **_offline(None, options))
    return client


# where a client asks and as whom: of a replay nobody asks, so each gets what it insists on
_WHERE_AND_WHO: dict[str, Any] = {
    "base_url": "https://api.anthropic.com",
    "api_key": "replay",
    "auth_token": None,
    "access_token": "replay",
    "token_provider": lambda: "replay",
    "credentials": None,
    "azure_ad_token_provider": None,
    "resource": None,
    "aws_access_key": None,
    "aws_secret_key": None,
    "aws_session_token": None,
    "aws_profile": None,
    "aws_region": "replay",
    "region": "replay",
    "project_id": "replay",
    "project": "replay",
    "location": "replay",
    "workspace_id": "replay",
}


def _offline(client_class: type[Any] | None, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a client that asks nobody: as given, except for the address and the
    credentials.

    The address of another vendor's client stays: it's part of the paths that were recorded.
    """
    takes, where_and_who = _options_of(client_class), dict(_WHERE_AND_WHO)
    if "middleware" not in takes:
        del where_and_who["base_url"]
    wanted = {name: value for name, value in where_and_who.items() if name in takes}
    return {**{k: v for k, v in options.items() if k not in where_and_who}, **wanted}


def _options_of(client_class: type[Any] | None) -> set[str]:
    """The names of all the arguments that make a client of this class."""
    initializers = [
        inspect.signature(vars(one)["__init__"]).parameters
        for one in (client_class or AsyncAnthropic).__mro__
        if "__init__" in vars(one)
    ]
    if any(one.kind is one.VAR_KEYWORD for one in initializers[0].values()):
        return {name for names in initializers for name in names}
    return set(initializers[0])


def _client(
    transport: Any,
    sync: bool,
    faults: Faults,
    client_class: type[Any] | None = None,
    **options: Any,
) -> Any:
    if "http_client" in options:
        raise TypeError(
            "http_client= is what connect() brings. "
            "Build the SDK's client yourself to use your own."
        )
    offline, is_real = (isinstance(transport, one) for one in (ReplyTransport, NetworkTransport))
    if faults:
        transport = FaultTransport(transport or httpx2.HTTPTransport(), faults)
    if "middleware" not in _options_of(client_class):  # of another vendor, such as AsyncOpenAI
        transport = AttemptTransport(transport or httpx2.HTTPTransport())
        defaults = anthropic.DefaultHttpxClient if sync else anthropic.DefaultAsyncHttpxClient
        return cast(Any, client_class)(http_client=defaults(transport=transport), **options)
    telemetry = _telemetry(options.get("open_telemetry", {}), bool(faults))
    provider = telemetry.get("tracer_provider") if isinstance(telemetry, dict) else None
    if_heard = isinstance(provider, HeardProvider)
    attempts = Attempts(offline=offline, is_real=is_real, if_heard=if_heard)
    options["middleware"] = [*(options.get("middleware") or ()), attempts]
    options["open_telemetry"] = telemetry
    if sync:
        http_client = anthropic.DefaultHttpxClient(transport=transport) if transport else None
        client = (client_class or Anthropic)(http_client=http_client, **options)
        return attempts.without_real_waits(client)
    async_http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    return (client_class or AsyncAnthropic)(http_client=async_http_client, **options)


def _telemetry(option: Any, always: bool) -> Any:
    """The SDK's option for spans: whole prompts and answers, in memory, for the pictures. They are
    made where somebody gets them, or always.
    """
    if not isinstance(option, dict):
        return option
    content = {"content_mode": "content", "max_content_bytes": 10_000_000}
    heard = tracer_provider() if always else HeardProvider()
    ours = {"tracer_provider": heard, "propagation": False, "traces": content}
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
