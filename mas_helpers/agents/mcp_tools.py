"""Lesson 21: tools of an MCP server that somebody else runs: named, pinned, limited and marked."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anthropic.lib.tools import ToolError

if TYPE_CHECKING:
    from mcp import Client, StdioServerParameters

MOST_TOOLS = 1_000  # of one server: a list without an end is none


class ToolChanged(Exception):
    """A server's tool isn't the one that was approved; somebody has to read it again."""


def fingerprint(tool: Mapping[str, Any]) -> str:
    """The SHA-256 of all that a model reads of a tool, its `to_dict()`: 64 hex digits."""
    return hashlib.sha256(json.dumps(tool, sort_keys=True).encode()).hexdigest()


async def pin_tools(server: Any, *, seconds: float = 10.0) -> dict[str, str]:
    """The fingerprint of each tool that an MCP server offers: `{"departures": "9b1c…"}`. Keep those
    that you have read and want.

    Raises TimeoutError where the list doesn't come.
    """
    async with connected(server, seconds) as tools:
        return {tool.name: fingerprint(tool.to_dict()) for tool in tools}


@contextlib.asynccontextmanager
async def server_tools(
    server: Any,
    pins: Mapping[str, str],
    *,
    seconds: float = 10.0,
    most_characters: int = 10_000,
) -> AsyncIterator[list[ServerTool]]:
    """The tools of a server that `pins` names, and no other, for as long as the block is open.

    `server` is what `mcp.Client` takes: a command, an address, a server in this process. A result
    has `seconds` to come, and is cut behind `most_characters`. Raises ToolChanged where a tool is
    gone or its fingerprint is another one, TimeoutError where the list doesn't come.
    """
    async with connected(server, seconds) as tools:
        offered = [tool for tool in tools if tool.name in pins]
        for name, pin in pins.items():
            found = {fingerprint(tool.to_dict()) for tool in offered if tool.name == name}
            if found != {pin}:
                what = "reads otherwise than when you approved it" if found else "is gone"
                raise ToolChanged(f"{name} {what}: look at it, then pin it again")
        by_name = {tool.name: tool for tool in offered}
        yield [ServerTool(by_name[name], seconds, most_characters) for name in pins]


@contextlib.asynccontextmanager
async def connected(server: Any, seconds: float) -> AsyncIterator[list[Any]]:
    """Every tool of a server, as the SDK's helper makes it: without any limit.

    What is raised in the block comes out of it as it is. `mcp.Client` makes a group of it, which no
    `except` of a single error catches.
    """
    from mcp import Client, StdioServerParameters

    if isinstance(server, StdioServerParameters):
        server = start_server(server)
    raised: Exception | None = None
    try:
        async with asyncio.timeout(seconds) as limit, Client(server) as client:
            tools = await _list_tools(client)
            limit.reschedule(None)
            try:
                yield tools
            except Exception as error:
                raised = error
                raise
    except ExceptionGroup as group:
        raise raised or _only(group) from None


def start_server(command: StdioServerParameters) -> Any:
    """The program as a server for one `mcp.Client`, which starts it and ends it.

    `Client(command)` does the same in a script. It gives the program `sys.stderr`, which in a
    kernel may be no file; this gives it that of the process.
    """
    from mcp import stdio_client

    errors: Any = sys.__stderr__ or subprocess.DEVNULL
    return stdio_client(command, errlog=errors)


async def _list_tools(client: Client) -> list[Any]:
    from anthropic.lib.tools.mcp import async_mcp_tool

    page = await client.list_tools()
    listed = list(page.tools)
    while page.next_cursor and len(listed) < MOST_TOOLS:
        page = await client.list_tools(cursor=page.next_cursor)
        listed += page.tools
    return [async_mcp_tool(tool, client.session) for tool in listed[:MOST_TOOLS]]


def _only(error: Exception) -> Exception:
    """The one error in groups of one; else the group."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@dataclass(frozen=True)
class ServerTool:
    """A server's tool whose results come in time, cut, and between marks, its errors too."""

    inner: Any
    seconds: float
    most_characters: int

    @property
    def name(self) -> str:
        """The tool's name."""
        return str(self.inner.name)

    def to_dict(self) -> dict[str, Any]:
        """The tool as it's sent: name, description, schema."""
        described: dict[str, Any] = self.inner.to_dict()
        return described

    async def call(self, arguments: Mapping[str, Any]) -> str:
        """The result's text between marks. Raises ToolError: with the server's words, so marked, or
        because no result came in time.
        """
        try:
            async with asyncio.timeout(self.seconds):
                result = await self.inner.call(arguments)
        except TimeoutError:
            raise ToolError(f"{self.name} gave no answer in time. Do without it.") from None
        except ToolError as error:
            raise ToolError(untrusted(cut(error.content, self.most_characters))) from None
        return untrusted(cut(result, self.most_characters))


def cut(result: Any, most_characters: int) -> str:
    """The text of a result, and where something is left out, a line that says so."""
    blocks = [{"type": "text", "text": result}] if isinstance(result, str) else list(result)
    texts = [block["text"] for block in blocks if block.get("type") == "text"]
    text = "\n".join(texts)
    notes = []
    if len(text) > most_characters:
        notes.append(f"[cut: {most_characters:,} of {len(text):,} characters]")
    if len(texts) < len(blocks):
        notes.append("[left out: what is no text]")
    return "\n".join([text[:most_characters], *notes])


def untrusted(text: str) -> str:
    """The text between two equal lines `untrusted-…`, whose end nobody can know beforehand."""
    mark = f"untrusted-{secrets.token_hex(16)}"
    return f"{mark}\n{text}\n{mark}"


def same_marks(request: dict[str, Any]) -> dict[str, Any]:
    """A request whose marks are all the same, so that a replay finds it:
    `connect("…", normalize_request=same_marks)`.
    """
    changed: dict[str, Any] = json.loads(
        re.sub("untrusted-[0-9a-f]{32}", "untrusted-0", json.dumps(request))
    )
    return changed
