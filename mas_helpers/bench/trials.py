"""Puts a system to the test: a run played again, a run under faults, and how it ended."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .faults import ProcessKilled
from .idle_faults import idle_faults
from .time.run import run
from .tracing.call import Call, conversations, has_failed
from .tracing.cost import cost_usd, known_cost
from .tracing.spans import Trace, trace


def play_again(*recorded: Trace) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A model for `fake_client` that answers as in a recorded run, in as many seconds.

    It recognizes a request by its system prompt and its first message. A new message gets the last
    answer under that system prompt; the steps of a tool loop count as one answer.
    """
    known: dict[tuple[str, str], Call] = {}
    for call in (call for one in recorded for call in conversations(one.calls)):
        if not has_failed(call):
            known[call.system, call.prompt] = known[call.system, ""] = call

    def model(body: dict[str, Any]) -> dict[str, Any]:
        system, prompt = str(body.get("system", "")), str(body["messages"][0]["content"])
        call = known.get((system, prompt)) or known[system, ""]
        return _play_call(call, body.get("max_tokens") or call.output_tokens)

    return model


def _play_call(call: Call, room: int) -> dict[str, Any]:
    """The fields of the call's reply, or of as much of it as fits in so many output tokens."""
    if len(call.usages) != 1:  # a tool loop: each step had the room for itself
        room = call.output_tokens
    details = (call.usages[-1].get("output_tokens_details") or {}) if call.usages else {}
    thinking = details.get("thinking_tokens") or 0
    tokens = min(room, call.output_tokens)
    is_whole = tokens == call.output_tokens
    share = 1.0 if is_whole else max(0, tokens - thinking) / max(1, call.output_tokens - thinking)
    text = call.answer[: round(len(call.answer) * share)]
    thought = [{"type": "thinking", "thinking": "", "signature": "played"}] if thinking else []
    return {
        "content": [*thought, *([{"type": "text", "text": text}] if share else [])],
        "stop_reason": "end_turn" if is_whole else "max_tokens",
        "seconds": call.seconds if is_whole else call.seconds * tokens / call.output_tokens,
        "usage": {
            "input_tokens": call.input_tokens,
            "output_tokens": tokens,
            "output_tokens_details": {"thinking_tokens": min(thinking, tokens)},
        },
    }


@dataclass(frozen=True)
class Trial:
    """One run: its result or its error, and its trace.

    `.never_hit` are the faults with an address that hit nothing.
    """

    result: Any
    error: BaseException | None
    trace: Trace
    never_hit: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What was injected, in order of time: `["overloaded: planner", "refused: data"]`."""
        injected = [
            (attempt.start, f"{attempt.fault}: {call.agent or 'a call'}")
            for call in self.trace.calls
            for attempt in call.attempts
            if attempt.fault
        ]
        return [fault for _, fault in sorted(injected)]


def run_trial(system: Callable[[], Coroutine[Any, Any, Any]]) -> Trial:
    """One run of the system on the virtual clock; an error is an outcome too, and so is a kill."""
    with trace() as recorded, idle_faults() as never_hit:
        try:
            return Trial(run(system(), clock="virtual"), None, recorded, never_hit)
        except (Exception, CancelledError, ProcessKilled) as error:
            return Trial(None, error, recorded, never_hit)


def calls_over_budget(trial: Trial, budget_usd: float) -> list[str]:
    """Each call that was made after the budget was spent, in words; `[]` if there was none."""
    problems, calls = [], trial.trace.calls
    for call in calls if cost_usd(trial.trace) > budget_usd else []:
        earlier = [one for one in calls if one.end <= call.start and one is not call]
        paid = sum(map(known_cost, earlier))
        if call.attempts and paid >= budget_usd:
            spent = f"${paid:.4f} were paid, of a budget of ${budget_usd:.4f}"
            problems.append(f"{call.agent} was asked when {spent}")
    return problems


def violations(
    trial: Trial,
    *,
    deadline: float,
    budget_usd: float,
    unsaid: Callable[[Any], list[str]],
    errors: tuple[type[Exception], ...],
) -> list[str]:
    """Why a run broke the invariant, in words; `[]` if it held.

    unsaid(result): what is missing from it and isn't named in it, in words. errors: the types that
    name their cause.
    """
    seconds, problems = trial.trace.seconds, calls_over_budget(trial, budget_usd)
    if seconds > deadline + 1e-6:
        problems.insert(0, f"it took {seconds:g} s, and its deadline is {deadline:g} s")
    if trial.error is None:
        return problems + unsaid(trial.result)
    if not names_cause(trial.error, errors):
        problems.append(f"it ended in {trial.error!r}, which names no cause")
    return problems


def names_cause(error: BaseException, errors: tuple[type[Exception], ...]) -> bool:
    """True for an error of these types that has a text; a group counts if each error in it does."""
    if isinstance(error, BaseExceptionGroup):
        return all(names_cause(one, errors) for one in error.exceptions)
    return isinstance(error, errors) and bool(str(error).strip())
