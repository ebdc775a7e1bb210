"""connect(): the one door to the API. What comes back is the SDK's own client."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, overload

import anthropic
import httpx2
from anthropic import Anthropic, AsyncAnthropic

from . import recordings
from .modes import current_mode
from .recordings import Reply
from .tracing.spans import provider
from .transports.faulty import Faults, FaultTransport
from .transports.network import NetworkTransport
from .transports.record import Recorder, RecordTransport
from .transports.replay import FunctionTransport, ReplayTransport
from .transports.retries import Attempts


class MissingKey(anthropic.AnthropicError):
    """Live and record mode ask the real API, and that needs a key."""


@overload
def connect(name: str, *, sync: Literal[False] = False, **options: Any) -> AsyncAnthropic: ...
@overload
def connect(name: str, *, sync: Literal[True], **options: Any) -> Anthropic: ...


def connect(
    name: str,
    *,
    mode: str | None = None,
    strict: bool | None = None,
    folder: Path | str | None = None,
    sync: bool = False,
    faults: Faults = (),
    **options: Any,
) -> AsyncAnthropic | Anthropic:
    """A plain `AsyncAnthropic` (`Anthropic` with `sync=True`) on the recording of that name.

    mode: `"replay"` (default; no network, no key), `"record"` (asks the API, writes
    `folder/name.yaml`) or `"live"` (neither reads nor writes); else MAS_MODE. strict: a request
    that was never recorded is an error, not the nearest reply with a note; else MAS_STRICT=1.
    folder: where recordings are; else MAS_RECORDINGS, `./recordings` or `./notebooks/recordings`.
    faults: what fails on the way, `[Fault("overloaded", agent="worker", call=2)]` or
    `random_faults(7, slow=0.1)`; recordings stay clean. Further options go to the client:
    `timeout=5.0`, `max_retries=0`, … Raises ModeError, RecordingError (none there, or damaged),
    MissingKey.
    """
    chosen = current_mode(mode)
    path = recordings_folder(folder) / f"{name}.yaml"
    if chosen == "replay":
        strict = (
            os.environ.get("MAS_STRICT", "").lower() not in ("", "0", "false", "no")
            if strict is None
            else strict
        )
        used = os.environ.get("MAS_USED")
        transport: Any = ReplayTransport(
            recordings.load(path), strict=strict, used=Path(used) if used else None
        )
        return _client(transport, sync, faults, **{**options, **_OFFLINE})
    if chosen == "record":
        transport = RecordTransport(Recorder.of(name, path))
    else:
        transport = None if sync else NetworkTransport()
    client = _client(transport, sync, faults, **options)
    if client.api_key is None and client.auth_token is None and client.credentials is None:
        raise MissingKey(
            f"{chosen} mode asks the API, and no key is set. Set the environment variable ANTHROPIC_API_KEY "
            "(keys: https://platform.claude.com), start Jupyter again from there, or unset MAS_MODE to replay."
        )
    return client


def fake_client(
    answer: Callable[[dict[str, Any]], str | dict[str, Any]],
    *,
    sync: bool = False,
    faults: Faults = (),
    **options: Any,
) -> Any:
    """A client whose model is your function: it gets the request's body and returns the text of the
    reply.

    Or a dict of a message's fields, to play more than text: `{"content": [], "stop_reason":
    "refusal"}`; `"seconds"` in it is how long the reply takes, `"status"` other than 200 makes it
    an API error. faults: see connect.
    """

    def reply(body: dict[str, Any]) -> Reply:
        given = answer(body)
        fields = (
            {"content": [{"type": "text", "text": given}]}
            if isinstance(given, str)
            else dict(given)
        )
        seconds, status = fields.pop("seconds", 0.0), fields.pop("status", 200)
        message = {
            "id": "msg_fake", "type": "message", "role": "assistant", "model": body.get("model"),
            "content": [], "stop_reason": "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }  # fmt: skip
        body = {**message, **fields} if status == 200 else fields
        return Reply(status, seconds, {"content-type": "application/json"}, body)

    return _client(FunctionTransport(reply), sync, faults, **{**options, **_OFFLINE})


_OFFLINE = {"api_key": "replay", "auth_token": None, "base_url": "https://api.anthropic.com"}


def _client(transport: Any, sync: bool, faults: Faults, **options: Any) -> Any:
    if faults:
        transport = FaultTransport(transport or httpx2.HTTPTransport(), faults)
    # in memory, for the pictures
    content = {"content_mode": "content", "max_content_bytes": 10_000_000}
    telemetry = {"tracer_provider": provider(), "propagation": False, "traces": content}
    http_class = anthropic.DefaultHttpxClient if sync else anthropic.DefaultAsyncHttpxClient
    options["middleware"] = [*(options.get("middleware") or ()), Attempts()]
    http_client = http_class(transport=transport) if transport is not None else None
    if "http_client" in options:
        raise TypeError(
            "http_client= is what connect() brings. Build the SDK's client yourself to use your own."
        )
    asked = options.pop("open_telemetry", {})
    options["open_telemetry"] = {**telemetry, **asked} if isinstance(asked, dict) else asked
    return (Anthropic if sync else AsyncAnthropic)(http_client=http_client, **options)


def recordings_folder(folder: Path | str | None = None) -> Path:
    """Where recordings are: the folder given, MAS_RECORDINGS, `./recordings` or
    `./notebooks/recordings`.
    """
    given = folder or os.environ.get("MAS_RECORDINGS")
    if given:
        return Path(given)
    places = Path("recordings"), Path("notebooks/recordings")
    return next((place for place in places if place.is_dir()), places[0])
