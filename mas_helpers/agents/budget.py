"""A budget in dollars: it sets aside what a call may cost before it begins, and settles after."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

import anthropic
import httpx2

from ..bench.notices import show_note
from ..bench.tracing.call import day_of, is_call
from ..bench.tracing.cost import (
    Cost,
    UnknownPrice,
    dollars,
    dollars_exactly,
    known_cost,
    reply_cost,
)
from ..bench.tracing.spans import Trace, call_under_way, current_agent, now_ns
from ..bench.tracing.usage import Billed, follow_body

ENOUGH_RUNS = 5  # with fewer, nobody knows what a run mostly costs


class BudgetReached(anthropic.APIError):
    """A call wasn't made: the budget has no room for it.

    Like any call that failed, it may leave a gap.
    """

    def __init__(self, message: str) -> None:
        super().__init__(
            message, httpx2.Request("POST", "https://api.anthropic.com/v1/messages"), body=None
        )
        self.args = (message,)


@dataclass(frozen=True, eq=False)
class Alert:
    """Whom to tell that a share of the budget is paid."""

    at: Decimal
    tell: Callable[[str], object]


@dataclass(eq=False)
class Seat:
    """One request that wants to go out."""

    model: str
    who: str
    most: Cost  # nothing, where the model has no known price
    refusal: str  # why it may not go, "" where it may
    may_wait: bool
    above: frozenset[Seat]  # the streams around it that are being read: they wait for it
    wake: Callable[[], None]
    day: str  # it is priced by the list of that day, as its call in the trace is


_streams: contextvars.ContextVar[frozenset[Seat]] = contextvars.ContextVar(
    "streams", default=frozenset()
)


class Budget(anthropic.Middleware):
    """Holds back any request, including a retry, that doesn't fit into the budget; for async and
    sync clients, their copies, streams and threads: `connect("name", middleware=[Budget(0.05)])`.

    A request reserves the most that it may cost: `max_tokens` of output, and a token of input for
    each byte of its body. When its reply is there, or it failed, the rest is given back. A request
    that doesn't fit beside those under way waits its turn, until it fits or would be alone. Alone,
    it goes out if there's room for the most that a call to that model has cost so far. So the total
    goes over the budget by less than one call, and only if that call was more expensive than every
    one before it. With `strict=True` it needs room for the most that it may cost, and the total
    never goes over. What the API itself fetches into a prompt can't be known beforehand: once a
    call has cost more than the most, the next calls to that model reserve that amount. Not counted:
    batches, and calls that failed or were cancelled, whose cost isn't reported.

    usd: the budget; with 0, nothing is asked. spent: a trace whose other calls count as well. A
    model without a known price is named once, before its first call, and not counted; with strict,
    it is refused. Raises ValueError if usd isn't an amount of dollars: below 0, nan, infinity.

    `.alert(at=0.8)` tells you when that share is paid. `.reached` says which agents weren't asked:
    `["The budget of $0.02 is reached, so the writer was not asked."]`.
    """

    def __init__(self, usd: float, spent: Trace | None = None, *, strict: bool = False) -> None:
        if not 0 <= usd < float("inf"):
            raise ValueError(f"{usd!r} is no amount of dollars: a budget is 0 or more, as in 0.05")
        self.usd, self.spent, self.strict = usd, spent, strict
        self.reached: list[str] = []
        self._paid = Cost()
        self._dearest: dict[str, Decimal] = {}
        self._beyond: dict[str, Cost] = {}  # of what cost more than it seemed that it could
        self._set_aside = Decimal()
        self._out: set[Seat] = set()
        self._queue: OrderedDict[Seat, None] = OrderedDict()
        self._lock = threading.RLock()  # a stream may be dropped, and settled, at any moment
        self._own: set[int] = set()  # the spans of the calls that went through here
        self._seen = 0  # so many of the trace's ended spans
        self._alerts: list[Alert] = []  # those that have not been told

    def paid_usd(self) -> Cost:
        """The dollars of the replies so far; each is counted once."""
        with self._lock:
            self._count_others()
            return self._paid

    def alert(self, at: float = 0.8, tell: Callable[[str], object] = show_note) -> None:
        """Calls `tell` once, with a sentence, as soon as that share of the budget is paid: `"80 %
        of the budget of $0.05 is paid: $0.041."` If it is paid already, at once.

        An error in `tell` is shown as a note, so that no reply that was paid for is lost. Raises
        ValueError for a share that isn't above 0, or is above 1.
        """
        if not 0 < at <= 1:
            raise ValueError(f"at={at!r} is no share of a budget: 80 % is at=0.8")
        with self._lock:
            self._alerts.append(Alert(Decimal(str(at)), tell))
        self._tell_alerts()

    def _tell_alerts(self) -> None:
        """Calls the alerts whose share is paid, outside the lock: they may take their time."""
        with self._lock:
            self._count_others()
            usd = Decimal(str(float(self.usd)))
            due = []
            for alert in list(self._alerts):
                if self._paid.exact >= alert.at * usd:
                    with contextlib.suppress(ValueError):  # told while this loop went on
                        self._alerts.remove(alert)
                        due.append(alert)
            paid = dollars(self._paid)
        for alert in due:
            budget = f"the budget of {dollars_exactly(self.usd)}"
            try:
                alert.tell(f"{alert.at:.0%} of {budget} is paid: {paid}.".replace("%", " %"))
            except Exception as error:
                show_note(f"The alert on {budget} failed: {type(error).__name__}: {error}")

    def handle(self, request: Any, call_next: Any) -> Any:
        turn = threading.Event()
        may_wait = asyncio._get_running_loop() is None  # else it would wait for its own thread
        seat = self._take_seat(request, turn.set, may_wait)
        try:
            turn.wait()
            self._require_room(seat)
            response = call_next(request)
        except BaseException:
            self._settle(seat, None)
            raise
        return self._settle_at_the_end_of(response, seat)

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        loop, turn = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            if asyncio._get_running_loop() is loop:
                return turn.set()
            with contextlib.suppress(RuntimeError):  # its loop is closed
                loop.call_soon_threadsafe(turn.set)

        seat = self._take_seat(request, wake)
        try:
            await turn.wait()
            self._require_room(seat)
            response = await call_next(request)
        except BaseException:
            self._settle(seat, None)
            raise
        return self._settle_at_the_end_of(response, seat)

    def _take_seat(self, request: Any, wake: Callable[[], None], may_wait: bool = True) -> Seat:
        agent, most, refusal = current_agent(), Cost(), ""
        model = str((request.json or {}).get("model", ""))
        who = f"the {agent}" if agent else f"{model or 'the API'}"
        try:
            most = max(most_usd(request.json), self._beyond.get(model, Cost()))
        except UnknownPrice:
            refusal = self._uncounted(model, who)
        seat = Seat(model, who, most, refusal, may_wait, _streams.get(), wake, day_of(now_ns()))
        with self._lock:
            self._own.add(call_under_way())
            self._queue[seat] = None
            self._let_out()
        return seat

    def _uncounted(self, model: str, who: str) -> str:
        """Says once that no price is known; if the budget is strict, why the model isn't asked."""
        budget = f"The budget of {dollars_exactly(self.usd)}"
        if self.strict:
            return f"{budget} cannot count {model!r}, no price is known, so {who} was not asked."
        if model not in self._paid.unknown:
            self._paid += Cost(unknown=(model,))
            show_note(f"{budget} does not count the calls to {model!r}: no price is known.")
        return ""

    def _let_out(self) -> None:
        """Lets out the requests whose turn it is. Each seat is looked at when something changed for
        the first in the queue, so a thousand take a thousand looks.
        """
        while self._queue:
            seat, _ = self._queue.popitem(last=False)
            if self._must_wait(seat):
                self._queue[seat] = None
                self._queue.move_to_end(seat, last=False)
                if self._out:  # else the last one came back just now
                    return
                continue
            if seat.refusal:
                self.reached.append(seat.refusal)
            else:
                self._out.add(seat)
                self._set_aside += seat.most.exact
            seat.wake()

    def _must_wait(self, seat: Seat) -> bool:
        """True if it waits for others to come back; if not, its refusal says whether it may go."""
        self._count_others()
        left = Decimal(str(float(self.usd))) - self._paid.exact
        budget = f"The budget of {dollars_exactly(self.usd)}"
        if left <= 0:
            seat.refusal = f"{budget} is reached, so {seat.who} was not asked."
        elif seat.most.exact > left - self._set_aside:
            if seat.may_wait and not self._out <= seat.above:
                return True
            likely = seat.most.exact if self.strict else self._dearest.get(seat.model, Decimal())
            if likely > left:
                may = f"{'may cost' if self.strict else 'has cost'} {dollars(Cost(likely))}"
                seat.refusal = (
                    f"{budget} has no room for it, so {seat.who} was not asked: "
                    f"{dollars(self._paid)} are paid, and such a call {may}."
                )
        return False

    def _require_room(self, seat: Seat) -> None:
        if seat.refusal:
            raise BudgetReached(seat.refusal)

    def _settle_at_the_end_of(self, response: Any, seat: Seat) -> Any:
        follow_body(response, lambda billed: self._settle(seat, billed))
        if seat in self._out:
            _streams.set((_streams.get() & self._out) | {seat})
        return response

    def _settle(self, seat: Seat, billed: Billed | None) -> None:
        """Counts what the call cost, and gives back the rest of what was reserved."""
        with self._lock:
            self._queue.pop(seat, None)
            if seat in self._out:
                self._out.remove(seat)
                self._set_aside -= seat.most.exact
                cost = self._cost_of(billed, seat.day) if billed else Cost()
                self._paid += cost
                if cost > seat.most:
                    self._beyond[seat.model] = max(cost, self._beyond.get(seat.model, cost))
                self._dearest[seat.model] = max(
                    cost.exact, self._dearest.get(seat.model, cost.exact)
                )
            self._let_out()
        self._tell_alerts()

    def _cost_of(self, billed: Billed, day: str) -> Cost:
        try:
            return reply_cost(billed["model"], billed["usage"], day)
        except UnknownPrice:
            return Cost(unknown=(billed["model"],))

    def _count_others(self) -> None:
        ended = self.spent.ended[self._seen :] if self.spent else []
        self._seen += len(ended)
        for span in ended:
            if is_call(span) and span.context.span_id not in self._own and self.spent:
                self._paid += known_cost(self.spent.call_of(span))


def unlike_before(usd: float, before: Sequence[float], times: float = 2.0) -> str:
    """What is odd about the cost of a run, compared with the median of earlier runs: `"$2.10 is 52
    times what such a run mostly costs, $0.04"`; `""` for a usual one, or with fewer than 5 earlier
    runs.

    Raises ValueError for anything that isn't an amount of dollars, and if times isn't above 1.
    """
    if not times > 1 or not all(0 <= one < float("inf") for one in (usd, *before)):
        raise ValueError(f"dollars are 0 or more and times above 1: {usd!r}, {before!r}, {times!r}")
    if isinstance(usd, Cost) and usd.unknown:
        return f"no price is known for {', '.join(usd.unknown)}: {dollars(usd)} is not the whole"
    usual = median(before) if len(before) >= ENOUGH_RUNS else usd
    if usual / times <= usd <= usual * times:
        return ""
    much = f"{usd / usual:.2g} times what" if usual else "more than the nothing that"
    return f"{dollars(usd)} is {much} such a run mostly costs, {dollars(usual)}"


def most_usd(body: Any) -> Cost:
    """The most that a request may cost; 0 for a request that no model answers. Raises UnknownPrice.

    A token is at least a byte long, so there are no more tokens than bytes. If the request writes
    to a cache, all of it may be written, at the one-hour price if it says so.
    """
    if not isinstance(body, dict) or not isinstance(body.get("max_tokens"), int):
        return Cost()
    text = json.dumps(body, ensure_ascii=False, default=str)
    size = len(text.encode("utf-8", "surrogatepass"))
    usage: dict[str, Any] = {"input_tokens": size, "output_tokens": body["max_tokens"]}
    if '"cache_control"' in text:
        hour = size if '"1h"' in text else 0
        split = {"ephemeral_1h_input_tokens": hour, "ephemeral_5m_input_tokens": size - hour}
        usage |= {"cache_creation_input_tokens": size, "cache_creation": split, "input_tokens": 0}
    return reply_cost(str(body.get("model")), usage)
