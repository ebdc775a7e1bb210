"""httpx2 transports that answer in-process: what they share, and the one that plays a recording.

The SDK above them is the real one.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import anthropic
import httpx2

from .. import recordings
from ..counting import ClientCount
from ..matching import (
    Difference,
    Normalize,
    differences,
    fields_of,
    fits,
    nearest,
    normalized,
    normalized_recording,
    percent,
    plain_names,
    shown,
    wrong_form,
)
from ..notices import show_note
from ..recordings import Exchange, MissingRecording, Recording, Reply
from ..time.waits import hold_up, pass_time
from ..tracing.spans import current_agent
from .streams import RecordedStream, broken_connection, bytes_of, text_or_base64, waits_of

OnPlay = Callable[[int], object]


class NoReply(anthropic.AnthropicError):
    """What answers for the API failed: a function given to fake_client, or a recording that was
    edited by hand.
    """

    @classmethod
    @contextlib.contextmanager
    def for_errors(cls) -> Iterator[None]:
        """An error inside becomes one that the SDK neither wraps nor retries."""
        try:
            yield
        except anthropic.AnthropicError:
            raise
        except Exception as error:
            raise cls(f"{type(error).__name__}: {error}") from error


class ReplyTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers after the seconds that the reply took; for the sync and the async client."""

    def reply_to(self, request: dict[str, Any], retries: int) -> Reply:
        """The reply; retries: how often the SDK has already asked this by itself."""
        raise NotImplementedError

    def _respond(self, request: httpx2.Request) -> tuple[Response, float]:
        """The response and its seconds. Raises NoReply for an error on our side."""
        with NoReply.for_errors():
            reply = self.reply_to(request_of(request), retries_of(request))
            return response_of(reply, request), reply.seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response, seconds = self._respond(request)
        for wait in waits_of(seconds, request):
            hold_up(wait)
        return unbroken(response)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response, seconds = self._respond(request)
        for wait in waits_of(seconds, request):
            await pass_time(wait)
        return unbroken(response)


class ReplayTransport(ReplyTransport):
    """Plays a recording: the same request gets its recorded replies one after the other
    (counting.py says what is counted together).

    A request that was never recorded gets the nearest reply and a visible note; with `strict`,
    MissingRecording. on_play gets the index of each exchange that is played. Requests, both new and
    recorded, are compared as `normalize` returns them.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        strict: bool = False,
        on_play: OnPlay | None = None,
        use_log: UseLog | None = None,
        normalize: Normalize | None = None,
        client: ClientCount | None = None,
    ) -> None:
        self.recording = normalized_recording(recording, normalize)
        self._counts = recording.counts  # one count, however each client normalizes
        self._client = client or ClientCount()
        self._normalize = normalize
        self.strict = strict
        self._on_play = on_play
        self._use_log = use_log
        self._noted: set[str] = set()  # conversations that a note was shown for

    def reply_to(self, request: dict[str, Any], retries: int) -> Reply:
        request = normalized(request, self._normalize)
        key = recordings.key_of(request)
        by_key = self.recording.by_key
        indexes = by_key.get(key) or by_key[self._nearest_to(request).key]
        turn = self._counts.next(key, self._client, len(indexes))
        times = max(turn.in_this_run, turn.by_this_client) + 1
        if times > len(indexes) and self.strict:
            problem, way_on = self._too_often(times, indexes, retries)
            self._note_miss(problem)
            raise MissingRecording(f"{problem} {way_on}")
        index = indexes[turn.k % len(indexes)]
        self._note_play(index)
        return self.recording.exchanges[index].reply

    def _too_often(self, times: int, indexes: list[int], retries: int) -> tuple[str, str]:
        """What is wrong with one request more than was recorded, and how to go on."""
        recorded = f"the recording holds {len(indexes)} of the replies."
        if not retries:
            problem = f"{self._who()} asked the same thing {times} times; {recorded}"
            return problem, f"{COUNTED} Ask less often, or record it again."
        status = self.recording.exchanges[indexes[-1]].reply.status
        return (
            f"{self._who()} was answered with {status}, so the SDK asked again by itself, for the "
            f"{ordinal(retries)} time; {recorded}",
            "It was recorded with fewer retries: give the client the same max_retries, or record "
            "it again.",
        )

    def _note_play(self, index: int) -> None:
        if self._on_play is not None:
            self._on_play(index)
        if self._use_log is not None:
            self._use_log.played(index)

    def _note_miss(self, problem: str) -> None:
        if self._use_log is not None:
            self._use_log.missed(problem)

    def _nearest_to(self, request: dict[str, Any]) -> Exchange:
        """The exchange to play for a request that was never recorded. Raises MissingRecording."""
        exchanges, by_key = self.recording.exchanges, self.recording.by_key
        firsts = [exchanges[indexes[0]] for indexes in by_key.values()]
        objection = wrong_form(request)
        if objection:
            self._refuse(f"{self._who()}: {objection}.")
        closest, likeness = nearest(firsts, request, current_agent())
        if closest is None or self.strict or not fits(closest, request):
            self._refuse(self._explain(request, closest, likeness, firsts))
        if not self._goes_on_from_a_note(request):
            show_note(self._note(request, closest, likeness))
        return closest

    def _goes_on_from_a_note(self, request: dict[str, Any]) -> bool:
        """True for a tool loop's next step where the step before was noted: every step sends the
        same edited words again, and one note says so.
        """
        body = request.get("body")
        messages = body.get("messages") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(messages, list):
            return False
        here, before = (
            json.dumps({**body, "messages": part}, sort_keys=True)
            for part in (messages, messages[:-2])
        )
        self._noted.add(here)
        return before in self._noted and _brings_results(messages)

    def _refuse(self, explanation: str) -> NoReturn:
        self._note_miss(" ".join(explanation.split()))
        raise MissingRecording(explanation)

    def _note(self, request: dict[str, Any], closest: Exchange, likeness: float) -> str:
        changes = differences(closest.request, request)
        settings = [change for change in changes if "[" not in change.place]
        if likeness == 1.0 and settings:  # other settings, the same words
            recorded = _settings([(change.place, change.recorded) for change in settings])
            yours = _settings([(change.place, change.yours) for change in settings])
            return (
                f"Note: {self._who()} was never recorded with {yours}. "
                f"You see the reply to {recorded}: its text, "
                "stop reason, tokens, seconds and cost are those of that request."
            )
        return (
            f"Note: {self._who()} asked something that was never recorded "
            f"(changed: {_first_of(changes)}). "
            f"You see the closest recording, {percent(likeness)} alike; "
            "it is not an answer to your words."
        )

    def _who(self) -> str:
        agent = current_agent()
        caller = f"Agent {agent!r}" if agent else "A call"
        return f"{caller} on recording {self.recording.name!r}"

    def _explain(
        self,
        request: dict[str, Any],
        closest: Exchange | None,
        likeness: float,
        recorded: list[Exchange],
    ) -> str:
        lines = [f"{self._who()} asked something that was never recorded."]
        forms = sorted({fields_of(exchange.request) for exchange in recorded}) or ["nothing"]
        if fields_of(request) not in forms:
            lines.append(
                f"It asks for {fields_of(request)}; the recorded replies give {'; '.join(forms)}."
            )
        if closest is not None:
            whose = f"of agent {closest.agent!r}" if closest.agent else "without an agent"
            alike = "has the same words" if likeness == 1.0 else f"is {percent(likeness)} alike"
            lines.append(f"The nearest recorded request, {whose}, {alike}. It differs in:")
            changes = differences(closest.request, request)
            lines += [f"  {line}" for change in changes[:MOST_SHOWN] for line in change.lines()]
            if more := len(changes) - MOST_SHOWN:
                lines += [f"  and {more} more"] if more > 0 else []
        if closest is None or not fits(closest, request):
            lines.append("No recorded reply can be read into other fields, tools or endpoints.")
        sdk = f"anthropic {anthropic.__version__}"
        if self.recording.sdk.startswith("anthropic ") and self.recording.sdk != sdk:
            lines.append(f"It was recorded with {self.recording.sdk}; this is {sdk}.")
        lines.append(
            "Two ways on: undo the edit, or set ANTHROPIC_API_KEY and MAS_MODE=live "
            "to ask the API itself."
        )
        if closest is not None and fits(closest, request):
            lines.append(
                "If it may differ from run to run, as an id or a time: normalize_request=."
            )
        return "\n".join(lines)


def _brings_results(messages: list[Any]) -> bool:
    """True where the last message holds nothing but what tools gave."""
    content = messages[-1].get("content") if messages and isinstance(messages[-1], dict) else None
    return isinstance(content, list) and all(
        isinstance(block, dict) and block.get("type") == "tool_result" for block in content
    )


MAY_DIFFER = "If it may differ from run to run, as an id or a time: normalize_request=."
COUNTED = "All clients on one recording are counted together."
MOST_SHOWN = 3  # differences: the first is the cause, or near it


def _first_of(changes: list[Difference]) -> str:
    """The places that changed, in words, and both values of the first one: `message 1, from
    "Hello." to "Hello!"`.
    """
    names = plain_names(changes)
    if not names:
        return "an earlier reply of this conversation"
    first = next(change for change in changes if plain_names([change]))
    old, new, _ = first.values(width=40)
    return f"{', '.join(names)}; recorded {old!r}, yours {new!r}"


def ordinal(number: int) -> str:
    """`"1st"`, `"2nd"`, `"3rd"`, `"4th"`."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _settings(values: list[tuple[str, Any]]) -> str:
    """`'model=claude-haiku-5-5, max_tokens=30'`."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values).rstrip(".")


class UseLog:
    """A file from which another process reads what this one played and missed, a line each:
    `01_agent⇥3`, or `01_agent⇥missed⇥Agent 'worker' …`.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self._lock = threading.Lock()

    def played(self, index: int) -> None:
        self._write(str(index))

    def missed(self, problem: str) -> None:
        self._write(f"missed\t{problem}")

    def _write(self, text: str) -> None:
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(f"{self.name}\t{text}\n")


def retries_of(request: httpx2.Request) -> int:
    """How often the SDK has already asked the same by itself: 0 for a first attempt."""
    return int(request.headers.get("x-stainless-retry-count") or 0)


def request_of(request: httpx2.Request) -> dict[str, Any]:
    """A request as it is recorded: `{"method": "POST", "path": "/v1/messages", "body": {…}}`.

    A body that isn't JSON is text, `{"base64": "…"}`, or for an upload `{"multipart": […]}` without
    the boundary, which is random each time.
    """
    path = request.url.raw_path.decode()
    path, mark, query = path.partition("?")
    query = query.replace("%20", "+")  # a space, as anthropic 2.10 wrote it
    path = _PLACE.sub("/projects/-/locations/-/", path)
    # without a proxy's folder
    start = max(path.rfind("/v1/"), path.find("/projects/-/"), path.find("/model/"), 0)
    path = path[start:] + mark + _SECRET.sub(r"\1\2=hidden", query)
    kind = request.headers.get("content-type", "")
    return {"method": request.method, "path": path, "body": _body_of(request.read(), kind)}


# who asks Vertex, and where: the same request from another account is the same
_PLACE = re.compile(r"/projects/[^/]+/locations/[^/]+/")
_SECRET = re.compile(
    r"(?i)(^|&)([^=&]*(?:key|token|secret|signature|password|credential)[^=&]*"
    r"|sig|sas|code|auth|jwt)=[^&]*"
)


def _body_of(content: bytes, kind: str) -> Any:
    if boundary := re.match(r'multipart/[^;]+;.*boundary="?([^";]+)', kind):
        return {"multipart": _parts(content, boundary[1].encode())}
    try:
        return json.loads(content) if content else None
    except ValueError:
        plain = text_or_base64(content, text="text")
        return plain.get("text", plain)


def _parts(content: bytes, boundary: bytes) -> list[dict[str, Any]]:
    parts = []
    for part in (b"\r\n" + content).split(b"\r\n--" + boundary)[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = sorted(head.decode(errors="replace").split("\r\n"))
        parts.append({"headers": headers, **text_or_base64(value, text="text")})
    return parts


Response = httpx2.Response | httpx2.RequestError


def response_of(reply: Reply, request: httpx2.Request) -> Response:
    """The reply as the SDK expects it, or the error of a connection that broke."""
    if reply.broken is not None:
        return broken_connection(reply.broken, request)
    if reply.events is not None:
        stream = RecordedStream(reply, request)
        return httpx2.Response(reply.status, headers=reply.headers, stream=stream, request=request)
    if reply.text is None and reply.base64 is None:
        content = json.dumps(reply.body).encode()
    else:
        content = bytes_of(reply.text, reply.base64)
    return httpx2.Response(reply.status, headers=reply.headers, content=content, request=request)


def unbroken(response: Response) -> httpx2.Response:
    """The response; raises it if it is an error."""
    if isinstance(response, httpx2.RequestError):
        raise response
    return response
