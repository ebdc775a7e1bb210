"""What the desk is given and what it gives back. The tests rely on it: leave it as it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic import AsyncAnthropic

DOCUMENTS = ("fees", "sizes", "care")  # the files fees.md, sizes.md and care.md


@dataclass(frozen=True)
class Desk:
    """What the desk has for one letter.

    client: the SDK's own. `client.with_middleware(Budget(…))` gives one with a budget.
    documents: the folder with the documents. folder: where the desk may keep files of its own.
    workshop: an MCP server, as `mcp.Client` takes it; None: there's nobody to ask, and no gap.
    budget_usd: dollars for one letter. deadline: seconds for one letter.
    """

    client: AsyncAnthropic
    documents: Path
    folder: Path
    workshop: Any = None
    budget_usd: float = 0.10
    deadline: float = 30.0


@dataclass(frozen=True)
class Answer:
    """What the customer reads, and the sources that couldn't be looked at: `("care",)`.

    The text names each of them too: nobody but the desk reads `missing`.
    """

    text: str
    missing: tuple[str, ...] = ()


class DeskError(Exception):
    """There's no answer at all, and the text says why."""
