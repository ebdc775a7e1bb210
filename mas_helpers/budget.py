"""A budget in dollars: no call begins once it is spent."""

from __future__ import annotations

from typing import Any

import anthropic
from anthropic import AnthropicError

from .cost import cost_usd
from .trace import Trace, current_agent


class BudgetReached(AnthropicError):
    """A call was not made: what is paid has reached the budget."""


class Budget(anthropic.Middleware):
    """Lets no request out, nor a retry, once the trace has cost so much. What is on its way is not stopped."""

    def __init__(self, usd: float, spent: Trace) -> None:
        self.usd, self.spent = usd, spent

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if cost_usd(self.spent) >= self.usd:
            raise BudgetReached(f"The budget of ${self.usd:g} is reached, so the {current_agent()} was not asked.")
        return await call_next(request)
