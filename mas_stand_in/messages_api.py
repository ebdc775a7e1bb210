"""The Messages API as the stand-in model knows it: what is refused, and how a message and its
stream of events look, by version 2026-10-21 and the 5.5 models; older models are treated like
these.

What is modelled here, not measured:

- Tokens: one per 3.3 characters, rounded up (usually one per 4, but the 5.5 tokenizer makes some
  30 % more of a text).
- Thinking: a fixed number of tokens by size of model. Errors, counts and lists of models take no
  time.
- Latency: time to first token plus output tokens over speed, to the tenth of a second. 1.8 s and
  63 tokens/s were published for Sonnet 4.5 in 2025; for want of figures for the 5.5 models, those
  of small and large are round guesses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from email.message import Message
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, get_args

from anthropic.resources.messages import DEPRECATED_MODELS
from anthropic.types import MessageCountTokensParams, Model
from anthropic.types.message_create_params import MessageCreateParamsBase

from .schema import mismatch

Body = dict[str, Any]  # of a request
Block = dict[str, Any]  # of a message's content

# seconds to the first token, tokens per second, thinking tokens; a model of another name has the
# pace of opus
PACES = {"haiku": (0.5, 150, 40), "sonnet": (1.8, 63, 90), "opus": (2.5, 45, 160)}


class ApiError(Exception):
    """What the API answers instead of a message."""

    def __init__(
        self,
        status: int,
        message: str,
        type: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": type, "message": message}
        self.headers = headers or {}


def check_headers(headers: Message) -> None:
    """Raises ApiError for a request without a key or a version."""
    key = (
        headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer").strip()
    )
    if not key or key.startswith("wrong"):
        raise ApiError(401, "invalid x-api-key", "authentication_error")
    if "anthropic-version" not in headers:
        raise ApiError(400, "anthropic-version: header is required")


def request_body(path: str, raw: bytes) -> Body:
    """What the request asks; ApiError where the API would refuse it."""
    if path not in ("/v1/messages", "/v1/messages/count_tokens"):
        raise ApiError(404, f"The stand-in has no {path}", "not_found_error")
    body: Body = {}
    try:
        body = json.loads(raw)
        objection = next(objections(body, counting=path.endswith("count_tokens")), None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        objection = f"The request body is malformed: {error!r}"
    if objection:
        raise ApiError(400, objection)
    if body["model"] not in known_models():
        raise ApiError(404, f"model: {body['model']}", "not_found_error")
    return body


def objections(body: Body, counting: bool) -> Iterator[str]:
    """What the API finds wrong with a request, first things first, as documented 2026-10-21."""
    params = MessageCountTokensParams if counting else MessageCreateParamsBase
    for field in ("model", "messages") if counting else ("model", "messages", "max_tokens"):
        if body.get(field) is None:
            yield f"{field}: Field required"
    for field in sorted(body.keys() - params.__annotations__.keys() - {"stream"}):
        gone = " since API version 2026-10-21" if field in ("temperature", "top_p", "top_k") else ""
        yield f"{field}: Extra inputs are not permitted{gone}"
    if not counting and (not isinstance(body["max_tokens"], int) or body["max_tokens"] < 0):
        yield "max_tokens: Input should be a whole number, 0 or more"
    yield from objections_to_messages(body["messages"])
    forced, thinking = (
        (body.get(field) or {}).get("type") for field in ("tool_choice", "thinking")
    )
    if body["model"] in ("claude-sonnet-5-5", "claude-opus-5-5"):
        if forced in ("any", "tool"):
            yield (
                f"tool_choice: `{forced}` is not supported by {body['model']}; use `auto` or `none`"
            )
        if thinking in ("disabled", "enabled"):
            yield f"thinking: `{thinking}` is not supported by {body['model']}; use `adaptive`"


def objections_to_messages(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Empty messages, tool calls without results and the other way round, a prefill."""
    if not messages:
        yield "messages: at least one message is required"
    calls: set[str] = set()
    for i, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant", "system") or not message.get("content"):
            yield (
                f"messages.{i}: needs a role (user, assistant or system) "
                "and content that is not empty"
            )
        blocks = message["content"] if isinstance(message["content"], list) else []
        results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        for tool_use_id in sorted(results - calls):
            yield (
                f"messages.{i}: `tool_result` without a `tool_use` in the previous message: "
                f"{tool_use_id}"
            )
        for tool_use_id in sorted(calls - results):
            yield (
                f"messages.{i}: no `tool_result` for this `tool_use` in the previous message: "
                f"{tool_use_id}"
            )
        calls = {block["id"] for block in blocks if block["type"] == "tool_use"}
    if messages[-1]["role"] == "assistant":
        yield (
            "messages: an assistant prefill is not supported; "
            "the conversation must end with a user message"
        )


def known_models() -> list[str]:
    """The ids that answer today: those the SDK knows, less those whose last day has passed."""
    last_days = {
        model: datetime.strptime(re.sub(r"(?<=\d)(st|nd|rd|th)", "", day), "%B %d, %Y").date()
        for model, day in DEPRECATED_MODELS.items()
    }
    return [
        model
        for model in get_args(get_args(Model)[0])
        if last_days.get(model, date.max) >= date.today()
    ]


def models(path: str) -> dict[str, Any]:
    """The list of models, or one of them; their dates of release are not known here, so all have
    the epoch.
    """
    fixed = {"type": "model", "lifecycle": "active", "created_at": "1970-01-01T00:00:00Z"}
    infos = {
        f"/v1/models/{model}": fixed | {"id": model, "display_name": model}
        for model in known_models()
    }
    if path == "/v1/models":
        data = list(infos.values())
        return {
            "data": data,
            "has_more": False,
            "first_id": data[0]["id"],
            "last_id": data[-1]["id"],
        }
    if path not in infos:
        raise ApiError(404, f"model: {path.removeprefix('/v1/models/')}", "not_found_error")
    return infos[path]


def message_for(reply: dict[str, Any], body: Body, k: int) -> dict[str, Any]:
    """The message as the API sends it: thinking first, then as much of the content as the request
    lets through.
    """
    refusal, limit = reply.get("refusal"), body["max_tokens"]
    thinks = refusal is None and (body.get("thinking") or {}).get("type") != "disabled"
    thinking = min(limit, reply.get("thinking_tokens", pace_of(body["model"])[2])) if thinks else 0
    content, cut_by, sequence = cut(
        content_of(reply, body, k), limit - thinking, body.get("stop_sequences") or []
    )
    calls = any(block["type"] == "tool_use" for block in content)
    natural = "refusal" if refusal is not None else "tool_use" if calls else "end_turn"
    # documented: not 0 even for an empty reply
    output = thinking + sum(map(tokens_in, content)) or min(1, limit)
    if thinking:
        content.insert(
            0, {"type": "thinking", "thinking": "", "signature": stable_id("stand-in-", body, k)}
        )
    prompt = input_tokens(body)
    cached = min(reply.get("cached_tokens", 0), prompt)
    usage = {
        "input_tokens": prompt - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": thinking},
        "service_tier": "standard",
    }
    details = None
    if refusal is not None:
        details = {"type": "refusal", "category": None, "explanation": None} | refusal
    return {
        "id": stable_id("msg_", body, k),
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": cut_by or reply.get("stop_reason", natural),
        "stop_sequence": sequence,
        "stop_details": details,
        "usage": usage,
    }


def content_of(reply: dict[str, Any], body: Body, k: int) -> list[Block]:
    """The content blocks that the author wrote; a `json` that breaks the request's schema is the
    author's error.
    """
    if "json" in reply:
        schema = ((body.get("output_config") or {}).get("format") or {}).get("schema", {})
        if error := mismatch(reply["json"], schema):
            reason = (
                "The stand-in's reply breaks the schema of the request: "
                f"{error.json_path} {error.message}"
            )
            raise ApiError(500, reason, "api_error", {"x-should-retry": "false"})
        reply = {"text": json.dumps(reply["json"], ensure_ascii=False)}
    blocks = reply.get("content", [{"text": reply.get("text", "")}])
    return [
        {"type": "tool_use", "id": stable_id("toolu_", body, k, i), **block["tool_use"]}
        if "tool_use" in block
        else {"type": "text", "text": block["text"].rstrip("\n")}
        for i, block in enumerate(blocks)
    ]


def cut(
    content: list[Block], budget: int, stop_sequences: list[str]
) -> tuple[list[Block], str | None, str | None]:
    """The content up to a stop sequence or the limit, the stop reason that cut it, and the
    sequence; a tool call that does not fit is left out.
    """
    kept: list[Block] = []
    for block in content:
        found = [(block["text"].find(s), s) for s in stop_sequences if s in block.get("text", "")]
        end, sequence = min(found, default=(None, None))
        if block["type"] == "text":
            block = block | {"text": block["text"][:end]}
        if tokens_in(block) > budget:
            if text := block.get("text", "")[: budget * 33 // 10]:
                kept.append({"type": "text", "text": text})
            return kept, "max_tokens", None
        if payload(block):  # the API sends no empty text block
            kept.append(block)
        if sequence:
            return kept, "stop_sequence", sequence
        budget -= tokens_in(block)
    return kept, None, None


def moments(message: dict[str, Any], reply: dict[str, Any]) -> tuple[float, float, float]:
    """Seconds from the arrival of the request to the first event, the first text and the end."""
    first_token, speed, _ = pace_of(message["model"])
    tokens_out = message["usage"]["output_tokens"]
    thinking_tokens = message["usage"]["output_tokens_details"]["thinking_tokens"]
    modelled = first_token + tokens_out / speed
    total: float = reply["seconds"] if "seconds" in reply else round(modelled, 1)
    scale = total / modelled if "seconds" in reply else 1
    first_text = min(total, round(scale * (first_token + thinking_tokens / speed), 1))
    return min(total, round(scale * first_token, 1)), first_text, total


def events(
    message: dict[str, Any], start: float, first_text: float, total: float
) -> Iterator[tuple[float, dict[str, Any]]]:
    """The events of the stream, each with its moment: thinking until the first text, then a chunk
    each 0.1 s.
    """
    ends = {name: message[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    counts = {name: message["usage"][name] for name in ("output_tokens", "output_tokens_details")}
    so_far = message["usage"] | {
        "output_tokens": 1,
        "output_tokens_details": {"thinking_tokens": 0},
    }
    yield (
        start,
        {
            "type": "message_start",
            "message": message | dict.fromkeys(ends) | {"content": [], "usage": so_far},
        },
    )
    yield start, {"type": "ping"}
    pieces = [
        re.findall(r"\s*\S+|\s+", block.get("signature") or payload(block))
        for block in message["content"]
    ]
    words = [(index, word) for index, piece in enumerate(pieces) for word in piece]
    ticks = round((total - first_text) * 10) + 1
    timed = [
        (min(total, round(first_text + n * ticks // len(words) / 10, 1)), *word)
        for n, word in enumerate(words)
    ]
    moment = start
    for index, of_block in groupby(timed, key=itemgetter(1)):
        block = message["content"][index]
        empty, delta, field = DELTAS[block["type"]]
        yield (
            moment,
            {"type": "content_block_start", "index": index, "content_block": block | empty},
        )
        for moment, chunk in groupby(of_block, key=itemgetter(0)):
            piece = {"type": delta, field: "".join(word for *_, word in chunk)}
            yield moment, {"type": "content_block_delta", "index": index, "delta": piece}
        yield moment, {"type": "content_block_stop", "index": index}
    yield total, {"type": "message_delta", "delta": ends, "usage": counts}
    yield total, {"type": "message_stop"}


# type of a block: what of it is empty at its start, the type of its deltas and the field that
# carries the piece
DELTAS = {
    "thinking": ({"signature": ""}, "signature_delta", "signature"),
    "text": ({"text": ""}, "text_delta", "text"),
    "tool_use": ({"input": {}}, "input_json_delta", "partial_json"),
}


def payload(block: Block) -> str:
    """What an author wrote of a block: its text, or a tool's input in JSON."""
    return block.get("text") or (
        json.dumps(block["input"], ensure_ascii=False) if "input" in block else ""
    )


def text_of(content: object) -> str:
    """The text blocks, tool results and tool inputs of a system prompt or message, joined."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    return "\n".join(
        filter(None, (payload(block) or text_of(block.get("content")) for block in content))
    )


def input_tokens(body: Body) -> int:
    """System prompt, messages, tools and schema, by the same rule as the output."""
    described = [body.get("tools"), (body.get("output_config") or {}).get("format")]
    texts = [
        text_of(body.get("system")),
        *(text_of(message["content"]) for message in body["messages"]),
    ]
    return tokens(
        "".join(texts + [json.dumps(part, ensure_ascii=False) for part in described if part])
    )


def tokens_in(block: Block) -> int:
    """The tokens of a block of the output."""
    return tokens(block.get("name", "") + payload(block))


def tokens(text: str) -> int:
    """One for every 3.3 characters, rounded up."""
    return -(-len(text) * 10 // 33)


def pace_of(model: str) -> tuple[float, int, int]:
    """Seconds to the first token, tokens per second, thinking tokens."""
    return next((pace for size, pace in PACES.items() if size in model), PACES["opus"])


def stable_id(prefix: str, *parts: object) -> str:
    """An id that depends on nothing but these, so that recording twice gives the same file."""
    return prefix + sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]
