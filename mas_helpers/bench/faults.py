"""Which call fails how: faults by address, or drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "rate_limited",
    "overloaded",
    "server_error",
    "timeout",
    "reset",
    "slow",
    "cut_stream",
    "truncated",
    "refused",
    "empty",
    "malformed",
    "wrong_arguments",
    "unknown_tool",
    "not_a_message",
    "half_a_body",
    "no_fields",
    "error_in_stream",
    "killed",
]
# What each kind does, and the seconds that it means when none are given.
KINDS: dict[FaultKind, float] = {
    "rate_limited": 1.0,  # 429, to be asked again after so many seconds
    "overloaded": 0.1,  # 529 after so many seconds
    "server_error": 0.1,  # 500 after so many seconds
    "timeout": 0.0,  # no answer at all; the SDK's own timeout decides when the caller gives up
    "reset": 0.5,  # the connection breaks after so many seconds
    "slow": 10.0,  # the answer comes so many seconds later
    # a stream breaks so many seconds after it began; any other reply breaks on its way
    "cut_stream": 1.0,
    "truncated": 0.0,  # half of the text, and stop_reason max_tokens
    "refused": 0.0,  # no content, and stop_reason refusal
    "empty": 0.0,  # no content, and stop_reason end_turn
    "malformed": 0.0,  # half of a JSON text, as if it were all; other texts are left alone
    "wrong_arguments": 0.0,  # every tool call gets arguments that its tool does not have
    "unknown_tool": 0.0,  # it asks for a tool that nobody has, and says nothing else
    "not_a_message": 0.0,  # status 200 and a page of HTML, as from a proxy that wants a login
    "half_a_body": 0.0,  # status 200 and half of the JSON
    "no_fields": 0.0,  # status 200 and a message whose usage and texts are null
    # an error event so many seconds after the stream began; any other reply is that error, at 200
    "error_in_stream": 1.0,
}
# What may happen to the process that makes the call: no answer, and no code of it goes on.
PROCESS_KINDS: dict[FaultKind, float] = {
    "killed": 0.0,  # so many seconds after the call was sent; the run ends in ProcessKilled
}
ALL_KINDS = KINDS | PROCESS_KINDS


class ProcessKilled(SystemExit):
    """The process was killed here, as the fault `killed` plays it: no `except Exception` sees it.

    It ends the run at once, and its tasks with it. What a real kill -9 leaves out and this does
    not: the `finally` blocks of the tasks.
    """


@dataclass(frozen=True)
class Fault:
    """One failure and the calls it hits: those of one agent, only its n-th call, or those that
    begin between two seconds.

    call: 1 is the agent's first call; None means every call. attempts: how many times in a row the
    fault hits a call before it lets it through; None means always. seconds: see KINDS. A retry by
    the SDK is another attempt of the same call.
    """

    kind: FaultKind
    agent: str = ""
    call: int | None = None
    between: tuple[float, float] | None = None
    attempts: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in ALL_KINDS:
            raise ValueError(
                f"{self.kind!r} is no kind of fault. There are: {', '.join(ALL_KINDS)}."
            )
        if self.call is not None and self.call < 1:
            raise ValueError(f"call={self.call}: an agent's first call is 1")
        if self.attempts is not None and self.attempts < 1:
            raise ValueError(f"attempts={self.attempts}: it would hit nothing; None is always")
        if self.between is not None and not self.between[0] < self.between[1]:
            raise ValueError(f"between={self.between}: it would hit nothing; the earlier one first")
        if not self.wait >= 0:
            raise ValueError(f"seconds={self.seconds}: time does not go back")

    def __str__(self) -> str:
        """`"refused: data, call 2"`."""
        call = f", call {self.call}" if self.call else ""
        return f"{self.kind}: {self.agent or 'every agent'}{call}"

    @property
    def wait(self) -> float:
        """Its seconds: the ones given, or else those of its kind."""
        return ALL_KINDS[self.kind] if self.seconds is None else self.seconds

    def hits(self, agent: str, call: int, attempt: int, second: float) -> bool:
        """True if the fault hits this attempt (counted from 1) of the agent's call (counted from
        1), made in this second of the run.
        """
        return (
            self.agent in ("", agent)
            and self.call in (None, call)
            and (self.attempts is None or attempt <= self.attempts)
            and (self.between is None or self.between[0] <= second < self.between[1])
        )


Schedule = Callable[[str, int, int, float], "Fault | None"]


def fault_schedule(faults: Sequence[Fault]) -> Schedule:
    """The first of these faults that hits an attempt."""
    return lambda *attempt: next((fault for fault in faults if fault.hits(*attempt)), None)


def random_faults(seed: int, **rates: float) -> Schedule:
    """Faults by chance: `random_faults(7, overloaded=0.1, refused=0.02)`.

    The same seed hits the same calls: each attempt is drawn on its own, from the seed, the agent,
    the call and the attempt, so whatever else runs makes no difference.
    """
    if unknown := set(rates) - set(ALL_KINDS):
        raise ValueError(
            f"{', '.join(sorted(unknown))}: no kind of fault. There are: {', '.join(ALL_KINDS)}."
        )
    if not all(0 <= rate <= 1 for rate in rates.values()) or sum(rates.values()) > 1:
        raise ValueError(f"rates are between 0 and 1, and no more than 1 together: {rates}")

    def fault_of(agent: str, call: int, attempt: int, second: float) -> Fault | None:
        at = random.Random(f"{seed} {agent} {call} {attempt}").random()
        for kind, rate in rates.items():
            if at < rate:
                return Fault(kind)  # type: ignore[arg-type]  # one of them: checked above
            at -= rate
        return None

    return fault_of
