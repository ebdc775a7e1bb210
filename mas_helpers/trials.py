"""A system put to the test: one run under faults, what came of it, and whether that is one of the ends it may have."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from .cost import cost_usd
from .runner import run
from .trace import Trace, trace


@dataclass(frozen=True)
class Trial:
    """One run: its result or its error, and its trace."""

    result: Any
    error: BaseException | None
    trace: Trace

    @property
    def faults(self) -> list[str]:
        """What was injected, in order of time: `["overloaded: planner", "refused: data"]`."""
        made = [
            (attempt.start, f"{attempt.fault}: {call.agent}") for call in self.trace.calls for attempt in call.attempts
        ]
        return [said for _, said in sorted(made) if not said.startswith(":")]


def trial(system: Callable[[], Coroutine[Any, Any, Any]]) -> Trial:
    """One run of the system on the virtual clock; an error of it is an outcome as well."""
    with trace() as made:
        try:
            return Trial(run(system(), clock="virtual"), None, made)
        except Exception as error:
            return Trial(None, error, made)


def violations(
    made: Trial,
    *,
    deadline: float,
    budget_usd: float,
    unsaid: Callable[[Any], list[str]],
    errors: tuple[type[Exception], ...],
) -> list[str]:
    """Why a run broke the invariant, in words; `[]` where it holds.

    Every run ends, within its deadline and budget, in an answer that is complete, an answer that names what is
    missing, or an error that names its cause. unsaid: what is missing in a result and not named by it, in words.
    errors: those that name their cause.
    """
    said = []
    if made.trace.seconds > deadline + 1e-6:
        said.append(f"it took {made.trace.seconds:g} s, and its deadline is {deadline:g} s")
    for call in made.trace.calls if cost_usd(made.trace) > budget_usd else []:
        paid = sum(cost_usd(other) for other in made.trace.calls if other.end <= call.start and other is not call)
        if call.attempts and paid >= budget_usd:
            said.append(f"{call.agent} was asked when ${paid:.4f} were paid, of a budget of ${budget_usd:.4f}")
    if made.error is None:
        return said + unsaid(made.result)
    if not isinstance(made.error, errors) or not str(made.error).strip():
        said.append(f"it ended in {made.error!r}, which names no cause")
    return said
