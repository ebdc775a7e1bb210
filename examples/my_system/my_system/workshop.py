"""The workshop's MCP server: what it has free today. Somebody else's program: leave it as it is.

python -m my_system.workshop        # serves on standard input and output
"""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

STOCK = {("violin", "1/4"): 3, ("violin", "1/2"): 0, ("cello", "1/2"): 2, ("harp", "22"): 1}


def workshop(
    stock: Mapping[tuple[str, str], int] = STOCK,
    *,
    seconds: float = 0.0,
    broken: bool = False,
    asked: list[tuple[str, str]] | None = None,
) -> MCPServer:
    """The server. For tests: how long it takes, whether it fails, and what it was asked."""
    server = MCPServer("workshop", log_level="ERROR")

    @server.tool()
    async def free_instruments(
        instrument: Annotated[str, Field(description="violin, cello or harp")],
        size: Annotated[str, Field(description="its size, such as 1/2 or 22")],
    ) -> str:
        """How many instruments of this kind and size the workshop has free today."""
        if asked is not None:
            asked.append((instrument, size))
        await asyncio.sleep(seconds)
        if broken:
            raise ToolError("the stock list is being repaired")
        return f"{instrument} {size}: {stock.get((instrument, size), 0)} free"

    return server


if __name__ == "__main__":
    workshop().run()
