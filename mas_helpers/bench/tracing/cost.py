"""Dollars: from the usage that the API reports and the price table of genai-prices; no price is
written here.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

from anthropic.types import Message

from .call import Call
from .spans import Trace


class UnknownPrice(LookupError):
    """genai-prices does not know the model."""


def cost_usd(spent: Message | Call | Trace) -> float:
    """What a message, a call or a whole trace cost, in dollars, as in 0.00042.

    A message is priced in full. A call knows the tokens that its span carries: cache writes count
    at the price of five minutes, and web searches are not in it. Raises UnknownPrice. Source of the
    prices: genai-prices, offline.
    """
    if isinstance(spent, Trace):
        return sum(cost_usd(call) for call in spent.calls)
    if isinstance(spent, Call):
        return _call_price(
            spent.model,
            spent.input_tokens,
            spent.output_tokens,
            spent.cache_read_tokens,
            spent.cache_write_tokens,
        )
    return _usage_price({"model": spent.model, "usage": spent.usage.model_dump(exclude_none=True)})


def dollars(usd: float, like: float | None = None) -> str:
    """An amount with enough digits to see that it is not nothing, `$0.00042`; or with as many as
    `like` needs.
    """
    exponent = int(f"{like or usd:.1e}".split("e")[1])
    return f"${usd:,.{max(2, 1 - exponent)}f}"


def dollars_exactly(usd: float) -> str:
    """An amount that somebody wrote, with all of its digits: `$0.02`, `$0.00001`."""
    return f"${Decimal(str(usd)).normalize():,f}"


def _usage_price(message: dict[str, Any]) -> float:
    from genai_prices import extract_usage

    try:
        return float(extract_usage(message, provider_id="anthropic").calc_price().total_price)
    except LookupError:
        raise _unknown(message["model"]) from None


@functools.lru_cache(maxsize=4096)
def _call_price(
    model: str, input_tokens: int, output_tokens: int, cache_read: int, cache_write: int
) -> float:
    from genai_prices import Usage, calc_price

    if not input_tokens and not output_tokens:  # a call that failed
        return 0.0
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_tokens=cache_read,
        cache_write_tokens=cache_write,
    )
    try:
        return float(calc_price(usage, model_ref=model, provider_id="anthropic").total_price)
    except LookupError:
        raise _unknown(model) from None


def _unknown(model: str) -> UnknownPrice:
    return UnknownPrice(
        f"No price is known for {model!r}. Is the name right? "
        "Newer ones: pip install -U genai-prices"
    )
