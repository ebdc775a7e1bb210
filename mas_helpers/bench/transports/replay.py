"""httpx2 transports that answer in-process: from a recording, or from a function.

The SDK above is the real one.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2

from .. import recordings
from ..matching import differences, fields_of, nearest, percent, wrong_form
from ..notices import show_note
from ..recordings import Exchange, MissingRecording, Recording, Reply
from ..tracing.spans import current_agent
from .streams import RecordedStream, waits_of


class NoReply(anthropic.AnthropicError):
    """What stands in for the API failed: a function given to fake_client, or a recording edited by
    hand.
    """


class ReplyTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers after the seconds that the reply took; one class for the sync and the async client."""

    def reply_to(self, request: dict[str, Any]) -> Reply:
        raise NotImplementedError

    def _respond(self, request: httpx2.Request) -> tuple[httpx2.Response, float]:
        """The response and its seconds; an error on our side is one that the SDK neither wraps nor
        asks again for.
        """
        try:
            reply = self.reply_to(request_of(request))
            return response_of(reply, request), reply.seconds
        except anthropic.AnthropicError:
            raise
        except Exception as error:
            raise NoReply(f"{type(error).__name__}: {error}") from error

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response, seconds = self._respond(request)
        for wait in waits_of(seconds, request):
            time.sleep(wait)
        return response

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response, seconds = self._respond(request)
        for wait in waits_of(seconds, request):
            await asyncio.sleep(wait)
        return response


class ReplayTransport(ReplyTransport):
    """Plays a recording: the k-th identical request gets the k-th recorded reply.

    A request that was never recorded gets the nearest reply and a visible note; when `strict`,
    MissingRecording.
    """

    def __init__(
        self, recording: Recording, *, strict: bool = False, used: Path | None = None
    ) -> None:
        self.recording = recording
        self.strict = strict
        self._used = used
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reply_to(self, request: dict[str, Any]) -> Reply:
        key = recordings.key_of(request)
        places = (
            self.recording.by_key.get(key) or self.recording.by_key[self._instead_of(request).key]
        )
        with self._lock:
            k = self._asked[key]
            self._asked[key] += 1
        if k >= len(places) and self.strict:
            held = f"asked the same thing {k + 1} times; the recording holds {len(places)} of the replies"
            self._note_use(f"missed\t{self._who()} {held}.")
            raise MissingRecording(f"{self._who()} {held}. Ask less often, or record it again.")
        place = places[k % len(places)]  # a cell that is run again hears the same replies again
        self._note_use(str(place))
        return self.recording.exchanges[place].reply

    def _note_use(self, what: str) -> None:
        """For `python -m mas_helpers check`: which exchange was played, or what was missed."""
        if self._used:
            with self._lock, self._used.open("a", encoding="utf-8") as file:
                file.write(f"{self.recording.name}\t{what}\n")

    def _instead_of(self, request: dict[str, Any]) -> Exchange:
        firsts = [self.recording.exchanges[places[0]] for places in self.recording.by_key.values()]
        wrong = wrong_form(request)
        closest, alike = (None, 0.0) if wrong else nearest(firsts, request, current_agent())
        if closest is None or self.strict:
            explained = (
                f"{self._who()}: {wrong}."
                if wrong
                else self._explain(request, closest, alike, firsts)
            )
            self._note_use("missed\t" + " ".join(explained.split()))
            raise MissingRecording(explained)
        show_note(self._note(request, closest, alike))
        return closest

    def _note(self, request: dict[str, Any], closest: Exchange, alike: float) -> str:
        changed = differences(closest.request, request)
        if alike == 1.0 and changed:  # other settings, the same words
            recorded = (
                ", ".join(f"{name}={old}" for name, old, _ in changed)
                .replace(" (no text)", "")
                .rstrip(".")
            )
            yours = (
                ", ".join(f"{name}={new}" for name, _, new in changed)
                .replace(" (no text)", "")
                .rstrip(".")
            )
            return (
                f"Note: {self._who()} was never recorded with {yours}. You see the reply to {recorded}: its text, "
                "stop reason, tokens, seconds and cost are those of that request."
            )
        names = (
            ", ".join(dict.fromkeys(name for name, _, _ in changed))
            or "an earlier reply of this conversation"
        )
        return (
            f"Note: {self._who()} asked something that was never recorded (changed: {names}). "
            f"You see the closest recording, {percent(alike)} alike; it is not an answer to your words."
        )

    def _who(self) -> str:
        agent = current_agent()
        return (
            f"Agent {agent!r} on recording {self.recording.name!r}"
            if agent
            else f"A call on recording {self.recording.name!r}"
        )

    def _explain(
        self,
        request: dict[str, Any],
        closest: Exchange | None,
        alike: float,
        recorded: list[Exchange],
    ) -> str:
        lines = [f"{self._who()} asked something that was never recorded."]
        if closest is None:
            forms = sorted({fields_of(exchange.request) for exchange in recorded}) or ["nothing"]
            lines.append(
                f"It asks for {fields_of(request)}; the recorded replies give {'; '.join(forms)}."
            )
            lines.append("No recorded reply can be read into other fields, tools or endpoints.")
        else:
            whose = f"of agent {closest.agent!r}" if closest.agent else "without an agent"
            lines.append(
                f"The nearest recorded request, {whose}, is {percent(alike)} alike. It differs in:"
            )
            for name, old, new in differences(closest.request, request):
                lines += [f"  {name}", f"    recorded: {old}", f"    yours:    {new}"]
        lines.append(
            "Two ways on: undo the edit, or set ANTHROPIC_API_KEY and MAS_MODE=live to ask the API itself."
        )
        return "\n".join(lines)


class FunctionTransport(ReplyTransport):
    """A function as the model: it gets the request's body and returns a Reply."""

    def __init__(self, answer: Callable[[dict[str, Any]], Reply]) -> None:
        self.answer = answer

    def reply_to(self, request: dict[str, Any]) -> Reply:
        return self.answer(request["body"])


def request_of(request: httpx2.Request) -> dict[str, Any]:
    """A request as recordings keep it: `{"method": "POST", "path": "/v1/messages", "body": {…}}`."""
    path = request.url.raw_path.decode()
    path, mark, query = path.partition("?")
    query = query.replace("%20", "+")  # a space, as anthropic 2.10 wrote it
    # without a proxy's folder
    path = path[max(path.rfind("/v1/"), 0) :] + mark + _SECRET.sub(r"\1=hidden", query)
    content = request.read()
    try:
        body = json.loads(content) if content else None
    except ValueError:
        body = content.decode(errors="replace")
    return {"method": request.method, "path": path, "body": body}


_SECRET = re.compile(r"(?i)([^=&]*(?:key|token|secret)[^=&]*)=[^&]*")


def response_of(reply: Reply, request: httpx2.Request) -> httpx2.Response:
    """The reply as the SDK expects it from a connection."""
    if reply.events is not None:
        stream = RecordedStream(reply, request)
        return httpx2.Response(reply.status, headers=reply.headers, stream=stream, request=request)
    content = reply.text if reply.text is not None else json.dumps(reply.body)
    return httpx2.Response(
        reply.status, headers=reply.headers, content=content.encode(), request=request
    )
