"""Dollars: from the usage that the API reports and the price table of genai-prices; no price is
written in this code.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from anthropic.types import Message

from ..notices import show_note
from .call import Call, token_sums
from .spans import Trace
from .usage import Usage

# whose list has the model: Anthropic's own id, or that of a gateway, at the gateway's price
PROVIDERS = ("anthropic", "aws", "google", "openai")


class UnknownPrice(LookupError):
    """genai-prices doesn't know the model."""


class Cost(float):
    """Dollars: a number like any other, except that it adds up exactly: ten times 0.00015 is
    0.0015.

    `.exact` is the amount as a Decimal; `.unknown` names the models without a known price, whose
    calls aren't included, such as `("qwen3",)`.
    """

    exact: Decimal
    unknown: tuple[str, ...]

    def __new__(cls, exact: Decimal = Decimal(), unknown: tuple[str, ...] = ()) -> Cost:
        cost = super().__new__(cls, exact)
        cost.exact, cost.unknown = exact, unknown
        return cost

    def __add__(self, other: float) -> Any:
        if isinstance(other, Cost):
            unknown = dict.fromkeys((*self.unknown, *other.unknown))
            return Cost(self.exact + other.exact, tuple(unknown))
        return self if other == 0 else float(self) + other

    __radd__ = __add__  # sum() begins at 0

    def __repr__(self) -> str:
        known = float.__repr__(self)
        return f"{known} + unknown: {', '.join(self.unknown)}" if self.unknown else known

    def __reduce__(self) -> tuple[Any, ...]:
        return Cost, (self.exact, self.unknown)


def cost_usd(spent: Message | Call | Trace) -> Cost:
    """What a message, a call or a whole trace cost, in dollars, such as 0.00042.

    Everything is priced by the usage that the API reported: both kinds of cache writes, web
    searches, prices that depend on the length of the prompt. A call is priced by the price list of
    its day, and includes every reply that reported its usage, even one that a retry replaced, or
    the part of a stream that arrived. A call that failed, or that you cancelled, reported no usage
    and counts as nothing; what the API bills for it isn't known. Raises UnknownPrice for a message
    or a call whose model has no known price; for a trace, the rest is counted, a note says so once,
    and `.unknown` names the model. Source of the prices: genai-prices, offline.
    """
    if isinstance(spent, Trace):
        return sum(map(known_cost, spent.calls), Cost())
    if isinstance(spent, Call):
        costs = (reply_cost(spent.model, usage, spent.day) for usage in _usages_of(spent))
        return sum(costs, Cost())
    return reply_cost(spent.model, spent.usage.model_dump(exclude_none=True))


def spent_by(spent: Trace, role: Callable[[Call], str]) -> dict[str, Cost]:
    """The dollars of a trace by what `role` says of each call, the most first: `{"synthesizer":
    0.0094, "workers": 0.0073}`. Together they are `cost_usd(spent)`.
    """
    sums: dict[str, Cost] = {}
    for call in spent.calls:
        sums[role(call)] = sums.get(role(call), Cost()) + known_cost(call)
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def known_cost(spent: Message | Call) -> Cost:
    """What a message or a call cost; 0, with its model in `.unknown`, if no price is known."""
    try:
        return cost_usd(spent)
    except UnknownPrice:
        say_unknown(spent.model)
        return Cost(unknown=(spent.model,))


@functools.cache
def say_unknown(model: str) -> None:
    """Says, once for each model, that its calls aren't included in the sums."""
    show_note(f"No price is known for {model!r}: its calls are left out of every sum in dollars.")


def reply_cost(model: str, usage: Usage, day: str = "") -> Cost:
    """What one reply cost that came on that day, `"2026-11-27"`; without a day, today. Raises
    UnknownPrice.

    A reply without any tokens cost nothing, whatever its model.
    """
    day = day or datetime.now(UTC).date().isoformat()
    return _reply_cost(model, json.dumps(usage, sort_keys=True), day)


@functools.lru_cache(maxsize=4096)
def _reply_cost(model: str, usage_json: str, day: str) -> Cost:
    from genai_prices import calc_price, extract_usage

    told = {name: value for name, value in json.loads(usage_json).items() if value is not None}
    usage = extract_usage(
        {"usage": {"input_tokens": 0, "output_tokens": 0, **told}}, provider_id="anthropic"
    ).usage
    if not any(vars(usage).values()):
        return Cost()
    options: dict[str, Any] = {
        "genai_request_timestamp": datetime.fromisoformat(day).replace(tzinfo=UTC)
    }
    if told.get("service_tier") == "batch":
        options["price_context"] = {"processing": "batch"}
    for provider in PROVIDERS:
        try:
            price = calc_price(usage, model_ref=model, provider_id=provider, **options)
        except LookupError:
            continue
        return Cost(price.total_price)
    raise UnknownPrice(
        f"No price is known for {model!r}. Is the name right? "
        "Newer ones: pip install -U genai-prices"
    )


def _usages_of(call: Call) -> Sequence[Usage]:
    """What the API reported; for a call that somebody built or changed, its token counts."""
    if all(getattr(call, name) == count for name, count in token_sums(call.usages).items()):
        return call.usages
    cached = call.cache_read_tokens + call.cache_write_tokens
    by_tokens = {
        "input_tokens": call.input_tokens - cached,
        "output_tokens": call.output_tokens,
        "cache_read_input_tokens": call.cache_read_tokens,
        "cache_creation_input_tokens": call.cache_write_tokens,
    }
    return [by_tokens]


def dollars(usd: float, like: float | None = None) -> str:
    """An amount with enough digits to show that it isn't zero, `$0.00042`; or with as many as
    `like` needs.
    """
    exponent = int(f"{like or usd:.1e}".split("e")[1])
    return f"${usd:,.{max(2, 1 - exponent)}f}"


def dollars_exactly(usd: float) -> str:
    """An amount that somebody wrote, with all of its digits: `$0.02`, `$0.00001`."""
    return f"${Decimal(str(float(usd))).normalize():,f}"
