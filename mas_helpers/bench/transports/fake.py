"""A function as the model: what it returns becomes the API's reply, whole or streamed."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2

from ..recordings import Reply
from ..time.waits import pass_time
from .replay import NoReply, ReplyTransport, request_of, response_of, unbroken
from .streams import waits_of

Body = dict[str, Any]
Answer = Callable[[Body], str | Body] | Callable[[Body], Awaitable[str | Body]]
ANSWERED = ("/v1/messages", "/v1/messages/count_tokens")
NO_THINKING = ("disabled", "between_tools")  # then a reply begins with its text


class FunctionTransport(ReplyTransport):
    """Asks a function instead of the API; thinking: a text comes after a thinking block, as current
    models send it.
    """

    def __init__(self, answer: Answer, *, thinking: bool = True) -> None:
        self.answer, self.thinking = answer, thinking

    def reply_to(self, request: dict[str, Any], retries: int) -> Reply:
        reply = _without_model(request)
        if reply is not None:
            return reply
        answer = self.answer(request["body"])
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            raise NoReply(
                "The answer function is `async def`, and the client of fake_client(…, sync=True) "
                "cannot await it: write a plain `def`, or leave sync=True out."
            )
        return self._reply_of(answer, request["body"])

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = await self._awaited_reply(request_of(request))
        for wait in waits_of(reply.seconds, request):
            await pass_time(wait)
        return unbroken(response_of(reply, request))

    async def _awaited_reply(self, request: dict[str, Any]) -> Reply:
        with NoReply.for_errors():
            reply = _without_model(request)
            if reply is not None:
                return reply
            answer = self.answer(request["body"])
            if inspect.isawaitable(answer):
                answer = await answer
            return self._reply_of(answer, request["body"])

    def _reply_of(self, answer: Any, body: Body) -> Reply:
        return _reply_with(message_fields(answer, body, self.thinking), body)


def message_fields(answer: Any, body: Body, thinking: bool = True) -> Body:
    """What a function returned, as a message's fields; a text comes after a thinking block, unless
    the request or `thinking` turns that off. Raises NoReply for anything else.
    """
    if isinstance(answer, str):
        thinks = (body.get("thinking") or {}).get("type") not in NO_THINKING
        return {"content": [*_thought(thinking and thinks), _text(answer)]}
    if not isinstance(answer, dict):
        raise NoReply(
            f"The answer function returned {type(answer).__name__}; it must return the text of "
            "a reply, or a dict of a message's fields."
        )
    return answer


def _without_model(request: dict[str, Any]) -> Reply | None:
    """The reply, if it doesn't need the model; None if it does. Raises NoReply for anything that
    the function can't answer.
    """
    path = str(request["path"]).partition("?")[0]
    if request["method"] != "POST" or path not in ANSWERED or not isinstance(request["body"], dict):
        raise NoReply(
            f"fake_client answers POST {' and '.join(ANSWERED)} only; "
            f"this was {request['method']} {path}. Use a recording for it."
        )
    if path == "/v1/messages":
        return None
    count = {"input_tokens": estimate_tokens(request["body"])}
    return Reply(200, 0.0, {"content-type": "application/json"}, count)


def _thought(wanted: bool) -> list[Body]:
    return [{"type": "thinking", "thinking": "", "signature": "fake"}] if wanted else []


def _text(text: str) -> Body:
    return {"type": "text", "text": text}


def _reply_with(answer: Body, body: Body) -> Reply:
    fields = dict(answer)
    seconds, status = fields.pop("seconds", 0.0), fields.pop("status", 200)
    headers = {"content-type": "application/json"}
    if status != 200:
        return Reply(status, seconds, headers, fields)
    message = {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": [],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
        **fields,
    }
    if not body.get("stream"):
        return Reply(200, seconds, headers, message)
    events = stream_events(message, seconds)
    return Reply(200, 0.0, {"content-type": "text/event-stream"}, events=events)


def stream_events(message: Body, seconds: float) -> list[dict[str, Any]]:
    """A message as the events of a stream, spread evenly over its seconds; a text comes word by
    word.
    """
    content = message["content"]
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise NoReply("Only a list of blocks can be streamed: give fake_client's content as one.")
    parts = list(_stream_parts(message))
    step = seconds / len(parts)
    return [
        {
            "at": round(step * number, 6),
            "data": f"event: {part['type']}\ndata: {json.dumps(part)}\n\n",
        }
        for number, part in enumerate(parts, 1)
    ]


def _stream_parts(message: Body) -> Iterator[Body]:
    ending = {"stop_reason", "stop_sequence", "stop_details", "container"} & message.keys()
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(message["content"]):
        empty, deltas = _in_pieces(block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {name: message[name] for name in sorted(ending)}
    yield {"type": "message_delta", "delta": delta, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _in_pieces(block: Body) -> tuple[Body, list[Body]]:
    """A block as it starts, and what is then added to it; a block of another kind comes whole."""
    kind = block.get("type")
    if kind == "text":
        text = block.get("text", "")
        words = re.findall(r"\s*\S+\s*", text) or [text]
        texts = [{"type": "text_delta", "text": word} for word in words]
        cited = block.get("citations") or []
        citations = [{"type": "citations_delta", "citation": citation} for citation in cited]
        return {**block, "text": "", "citations": None}, texts + citations
    if kind == "thinking":
        thought = {"type": "thinking_delta", "thinking": block.get("thinking", "")}
        signature = {"type": "signature_delta", "signature": block.get("signature", "")}
        deltas = [thought, signature] if thought["thinking"] else [signature]
        return {**block, "thinking": "", "signature": ""}, deltas
    if kind in ("tool_use", "server_tool_use"):
        arguments = json.dumps(block.get("input", {}))
        pieces = re.findall(r".{1,20}", arguments, re.S)
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        return {**block, "input": {}}, deltas
    return block, []


def estimate_tokens(body: Body) -> int:
    """One token for every 3.3 characters of the system prompt, the messages, the tools and the
    output schema, rounded up; base64 content counts as nothing.
    """
    schema = (body.get("output_config") or {}).get("format")
    parts = [json.dumps(part, ensure_ascii=False) for part in (body.get("tools"), schema) if part]
    texts = [*_texts(body.get("system")), *_texts(body.get("messages")), *parts]
    return -(-sum(map(len, texts)) * 10 // 33)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict) and value.get("type") != "base64":
        for name in ("text", "thinking", "content", "source", "data", "title", "context"):
            yield from _texts(value.get(name))
        if "input" in value:
            yield json.dumps(value["input"], ensure_ascii=False)
