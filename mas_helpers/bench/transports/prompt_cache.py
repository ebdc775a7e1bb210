"""What a prompt cache would report, for a function as the model: written, read, or neither."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from .fake import Answer, Body, estimate_tokens, message_fields

# The rules, as of 2026-11-27: platform.claude.com/docs/en/build-with-claude/prompt-caching
LOOKBACK = 20  # blocks before a mark in which an earlier prefix is looked for
SECONDS = {"5m": 300.0, "1h": 3600.0}  # since an entry was last written or read

Block = tuple[str, str]  # its JSON, and how long the prefix that ends here is kept: "5m", "1h", ""


def with_prompt_cache(
    answer: Answer, *, begins: float = 1.0, least: int = 1024
) -> Callable[[Body], Awaitable[Body]]:
    """The same model for `fake_client`, with the usage that an API with a prompt cache reports.

    Everything before a `cache_control` mark (tools, then system, then messages) is written by the
    first request that has it, and read by requests sent once that one's reply has begun, `begins`
    seconds after it was sent. Prefixes below `least` tokens aren't cached; the real minimum differs
    from model to model, and models share nothing. Entries are forgotten 5 minutes after their last
    use, or an hour (`"ttl": "1h"`), counted within one `run`. Tokens are estimated, one for every
    3.3 characters; those of the output come from the function. Async clients only.
    """
    cache = _Cache(begins, least)

    async def reply(body: Body) -> Body:
        said = answer(body)
        fields = message_fields(await said if inspect.isawaitable(said) else said, body)
        if fields.get("status", 200) != 200:
            return fields
        waits = min(begins, fields.get("seconds", 0.0))
        usage = await cache.usage_of(body, waits)
        output = (fields.get("usage") or {}).get("output_tokens", 0)
        seconds = fields.get("seconds", 0.0) - waits
        return {**fields, "usage": {**usage, "output_tokens": output}, "seconds": seconds}

    return reply


class _Cache:
    """The prefixes that can be read, each with the timer that will forget it."""

    def __init__(self, begins: float, least: int) -> None:
        self.begins, self.least = begins, least
        self.readable: dict[str, asyncio.TimerHandle] = {}

    async def usage_of(self, body: Body, waits: float) -> Body:
        """The input tokens of a request, as its reply reports them once it has begun."""
        total = estimate_tokens(body)
        prefixes = list(_prefixes(body))
        marks = [place for place, (_, _, kept) in enumerate(prefixes) if kept]
        found = [
            place
            for place, (key, _, _) in enumerate(prefixes)
            if key in self.readable and any(0 <= mark - place < LOOKBACK for mark in marks)
        ]
        tokens = [_share(size, prefixes[-1][1], total) for _, size, _ in prefixes]
        marks = [mark for mark in marks if tokens[mark] >= self.least]
        read = tokens[found[-1]] if found else 0
        written = max(tokens[marks[-1]] - read, 0) if marks else 0
        kept = prefixes[marks[-1]][2] if marks else "5m"
        await asyncio.sleep(waits)
        for place in {*marks, *found[-1:]}:
            self._keep(prefixes[place][0], SECONDS[prefixes[place][2] or "5m"])
        return {
            "input_tokens": total - read - written,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
            "cache_creation": {
                f"ephemeral_{name}_input_tokens": written if name == kept else 0 for name in SECONDS
            },
        }

    def _keep(self, key: str, seconds: float) -> None:
        """Makes a prefix readable, this many seconds from now."""
        if key in self.readable:
            self.readable[key].cancel()
        loop = asyncio.get_running_loop()
        self.readable[key] = loop.call_later(seconds, self.readable.pop, key, None)


def _prefixes(body: Body) -> Iterator[tuple[str, int, str]]:
    """The prefix that ends with each block: its key, its characters, how long it is kept."""
    digest, size = hashlib.sha256(str(body.get("model")).encode()), 0
    for text, kept in _blocks(body):
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        size += len(text)
        yield digest.hexdigest(), size, kept


def _blocks(body: Body) -> list[Block]:
    blocks = [_block("tool", tool) for tool in body.get("tools") or []]
    blocks += [_block("system", part) for part in _parts(body.get("system"))]
    for message in body.get("messages") or []:
        blocks += [_block(message["role"], part) for part in _parts(message["content"])]
    if body.get("cache_control") and blocks:
        blocks[-1] = blocks[-1][0], body["cache_control"].get("ttl", "5m")
    return blocks


def _parts(content: Any) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _block(where: str, block: Any) -> Block:
    mark = block.get("cache_control") or {}
    bare = {name: value for name, value in block.items() if name != "cache_control"}
    kept = mark.get("ttl", "5m") if mark else ""
    return f"{where}: {json.dumps(bare, sort_keys=True, ensure_ascii=False)}", kept


def _share(size: int, whole: int, tokens: int) -> int:
    """So many tokens of all as characters of the whole."""
    return tokens * size // whole
