"""Chat completions as OpenAI-compatible servers speak them: the same replies through another door.

A request becomes one of the Messages API, and the message that answers it becomes a completion; any
name of a model will do. Not streamed.
"""

from __future__ import annotations

import json
from email.message import Message
from typing import Any

from .messages_api import ApiError, Body, objections_to_messages

PATH = "/v1/chat/completions"
FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
NO_LIMIT = 100_000  # tokens, where the request sets none


def check_key(headers: Message) -> None:
    """Raises ApiError for a request without a key."""
    key = headers.get("authorization", "").removeprefix("Bearer").strip()
    if not key or key.startswith("wrong"):
        raise ApiError(401, "Incorrect API key provided", "invalid_request_error")


def request_body(raw: bytes) -> Body:
    """What the request asks, as the Messages API says it; ApiError where a server would refuse."""
    try:
        body = json.loads(raw)
        if body.get("stream"):
            raise ApiError(400, "The stand-in doesn't stream chat completions")
        asked = _as_messages(body)
        objection = next(objections_to_messages(asked["messages"]), None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ApiError(400, f"The request body is malformed: {error!r}") from error
    if objection:
        raise ApiError(400, objection)
    return asked


def _as_messages(body: Body) -> Body:
    systems = [one["content"] for one in body["messages"] if one["role"] in ("system", "developer")]
    messages = [one for one in body["messages"] if one["role"] not in ("system", "developer")]
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    return {
        "api": PATH,  # the same words through the other door are another request
        "model": body["model"],
        "system": "\n".join(systems) or None,
        "messages": [_turn(one) for one in messages],
        "max_tokens": body.get("max_completion_tokens") or body.get("max_tokens") or NO_LIMIT,
        "tools": [tool["function"] for tool in body.get("tools") or []],
        "output_config": {"format": {"schema": schema}} if schema else None,
        "stop_sequences": body.get("stop"),
    }


def _turn(message: Body) -> Body:
    if message["role"] == "tool":
        result = {"type": "tool_result", "tool_use_id": message["tool_call_id"]}
        return {"role": "user", "content": [result | {"content": message["content"]}]}
    calls = [
        {
            "type": "tool_use",
            "id": call["id"],
            "name": call["function"]["name"],
            "input": json.loads(call["function"]["arguments"]),
        }
        for call in message.get("tool_calls") or []
    ]
    return {"role": message["role"], "content": calls or message["content"]}


def completion_of(message: dict[str, Any]) -> dict[str, Any]:
    """The message as a completion: thinking is only counted, and arguments are a JSON text."""
    calls = [
        {
            "id": block["id"],
            "type": "function",
            "function": {
                "name": block["name"],
                "arguments": json.dumps(block["input"], ensure_ascii=False),
            },
        }
        for block in message["content"]
        if block["type"] == "tool_use"
    ]
    text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
    said = {"role": "assistant", "content": text or None, "refusal": None}
    usage, reason = message["usage"], message["stop_reason"]
    cached = usage["cache_read_input_tokens"]
    prompt = usage["input_tokens"] + cached
    return {
        "id": message["id"].replace("msg_", "chatcmpl-"),
        "object": "chat.completion",
        "created": 0,
        "model": message["model"],
        "choices": [
            {
                "index": 0,
                "message": said | ({"tool_calls": calls} if calls else {}),
                "finish_reason": FINISH_REASONS.get(reason, reason),
            }
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": usage["output_tokens"],
            "total_tokens": prompt + usage["output_tokens"],
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {
                "reasoning_tokens": usage["output_tokens_details"]["thinking_tokens"]
            },
        },
    }
