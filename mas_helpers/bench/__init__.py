"""A test bench for agent systems: replay, record, live; the clock; faults; traces; dollars.

It knows none of its neighbours, no lesson and no notebook.

- client: `connect` and `fake_client`, which give the SDK's own client; modes: replay, record, live
- recordings: the YAML files, and the key that finds a reply; counting: which of several identical
  requests one is; matching: which recorded request is nearest and what differs, as data; advice:
  how to get a lost or damaged recording back; notices: where a note is shown
- transports/: what sends a request. replay (the next reply, the words of a miss), fake (a function
  as the model), prompt_cache (what a cache would count for it), record, part (what was paid for and
  is in no recording yet), network, streams (a streamed reply, each piece at its recorded second),
  faulty (where a fault is put on the wire), retries (the SDK's own, and the waits between them)
- cassettes: what vcrpy recorded, as a recording
- faults: which call fails how, by address or drawn from a seed; idle_faults: those that hit
  nothing; trials: a run played again, one run under faults, and whether it ended as it may
- time/: loop (the virtual clock), thread_clock (that of plain code), stopwatch (the line of time of
  a trace), run; waits, connections, executor, at_work: what a run still waits for;
  machine_clock (what code under test reads off the machine's clock)
- tracing/: spans (`trace`, `agent_span`, `call_span`), call (one API call), usage (what a reply was
  billed for), cost (dollars), critical_path, export (how spans leave the process), conventions
  (what OpenTelemetry requires of a span)
- secrets: what looks like one; pytest_plugin: what the pytest fixtures give
"""

from .client import MissingKey, connect, fake_client
from .faults import (
    KINDS,
    Fault,
    FaultKind,
    ProcessKilled,
    Schedule,
    fault_schedule,
    random_faults,
)
from .modes import Mode, ModeError
from .recordings import Exchange, MissingRecording, Recording, RecordingError, Reply
from .time.loop import new_event_loop
from .time.run import run
from .tracing.call import Attempt, Call, Span
from .tracing.conventions import missing_attributes
from .tracing.cost import Cost, UnknownPrice, cost_usd, spent_by
from .tracing.critical_path import critical_path
from .tracing.spans import (
    Trace,
    agent_span,
    call_span,
    elapsed,
    note_reply,
    tool_span,
    trace,
    tracer_provider,
)
from .transports.prompt_cache import with_prompt_cache
from .transports.replay import NoReply
from .trials import Trial, play_again, run_trial, violations

__all__ = [
    "Attempt",
    "Call",
    "Cost",
    "Exchange",
    "Fault",
    "FaultKind",
    "KINDS",
    "MissingKey",
    "MissingRecording",
    "Mode",
    "ModeError",
    "NoReply",
    "ProcessKilled",
    "Recording",
    "RecordingError",
    "Reply",
    "Schedule",
    "Span",
    "Trace",
    "Trial",
    "UnknownPrice",
    "agent_span",
    "call_span",
    "connect",
    "cost_usd",
    "critical_path",
    "elapsed",
    "fake_client",
    "fault_schedule",
    "missing_attributes",
    "new_event_loop",
    "note_reply",
    "play_again",
    "random_faults",
    "run",
    "run_trial",
    "spent_by",
    "tool_span",
    "trace",
    "tracer_provider",
    "violations",
    "with_prompt_cache",
]
