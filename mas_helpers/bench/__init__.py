"""A test bench for agent systems: replay, record, live; the clock; faults; traces; dollars.

client (connect, fake_client) · modes · recordings · matching (which recorded request is nearest) ·
faults · trials · secrets · notices · pytest_plugin · time/ (the clock that jumps, run) ·
tracing/ (spans, calls, cost, critical path) · transports/ (replay, record, faulty, streams, ...).
It knows none of its neighbours, no lesson and no notebook.
"""

from .client import MissingKey, connect, fake_client
from .faults import KINDS, Fault, FaultKind, Schedule, fault_schedule, random_faults
from .modes import Mode, ModeError
from .recordings import Exchange, MissingRecording, Recording, RecordingError, Reply
from .time.run import run
from .tracing.call import Attempt, Call, Span
from .tracing.cost import UnknownPrice, cost_usd
from .tracing.critical_path import critical_path
from .tracing.spans import Trace, agent_span, provider, tool_span, trace
from .transports.replay import NoReply
from .trials import Trial, run_trial, violations

__all__ = [
    "Attempt",
    "Call",
    "Exchange",
    "Fault",
    "FaultKind",
    "KINDS",
    "MissingKey",
    "MissingRecording",
    "Mode",
    "ModeError",
    "NoReply",
    "Recording",
    "RecordingError",
    "Reply",
    "Schedule",
    "Span",
    "Trace",
    "Trial",
    "UnknownPrice",
    "agent_span",
    "connect",
    "cost_usd",
    "critical_path",
    "fake_client",
    "fault_schedule",
    "provider",
    "random_faults",
    "run",
    "run_trial",
    "tool_span",
    "trace",
    "violations",
]
