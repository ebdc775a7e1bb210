"""A budget in dollars: no call begins once it is spent."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2

from ..bench.tracing.call import Span, is_call
from ..bench.tracing.cost import cost_usd, dollars_exactly
from ..bench.tracing.spans import Trace, current_agent


class BudgetReached(anthropic.APIError):
    """A call was not made: what is paid has reached the budget.

    Like any call that failed, it may leave a gap.
    """

    def __init__(self, message: str) -> None:
        super().__init__(
            message, httpx2.Request("POST", "https://api.anthropic.com/v1/messages"), body=None
        )
        self.args = (message,)


class Budget(anthropic.Middleware):
    """Lets no request out, nor a retry, once the trace has cost so much.

    What is on its way is not stopped.

    `.reached` says who was not asked: `["The budget of $0.02 is reached, so the writer was not
    asked."]`.
    """

    def __init__(self, usd: float, spent: Trace) -> None:
        self.usd, self.spent = usd, spent
        self.reached: list[str] = []
        self._paid_usd = 0.0
        self._seen = 0  # so many of the trace's spans
        self._open: list[Span] = []  # those of them that had not ended

    def paid_usd(self) -> float:
        """The dollars of the calls that have ended; each call is counted once, when it has."""
        spans = list(self.spent.spans)
        candidates = self._open + spans[self._seen :]
        self._seen = len(spans)
        self._open = [span for span in candidates if span.end_time is None]
        ended = [span for span in candidates if span.end_time is not None and is_call(span)]
        self._paid_usd += sum(cost_usd(self.spent.call_of(span)) for span in ended)
        return self._paid_usd

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if self.paid_usd() >= self.usd:
            budget = f"The budget of {dollars_exactly(self.usd)}"
            self.reached.append(f"{budget} is reached, so the {current_agent()} was not asked.")
            raise BudgetReached(self.reached[-1])
        return await call_next(request)
