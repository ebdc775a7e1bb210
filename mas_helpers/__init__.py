"""Multi-agent systems, step by step: agents on the raw anthropic SDK, and their test bench.

    client = connect("01_agent")              # the SDK's own client; offline, on recorded replies
    agent = Agent("greeter", HAIKU, "Greet.", client=client)
    run(agent.run("Hello"))                   # the text of the answer; recorded seconds, no waiting

These are the names that lessons use again and again. Everything else is in the room where it lives:

- `mas_helpers.agents`: what the lessons build, a module a lesson
- `mas_helpers.bench`: replay, record, live; the clock; faults; traces; dollars
- `mas_helpers.pictures`: what a trace looks like
- `mas_helpers.course`: exercises, progress, panels, and the commands `ask`, `record`, `check`
"""

from typing import TYPE_CHECKING

from .agents.agent import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    ReplyEmpty,
    ReplyError,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    text_of,
)
from .agents.aggregator import aggregate
from .agents.coordinator import coordinate
from .agents.deadlines import RetryOnce
from .agents.orchestrator import orchestrate
from .agents.parallel import fan_out
from .agents.pipeline import run_pipeline
from .agents.router import route
from .agents.tools import ToolAgent
from .bench.client import connect, fake_client
from .bench.faults import Fault
from .bench.time.run import allow_asyncio_run_in_cells, run
from .bench.tracing.cost import cost_usd
from .bench.tracing.critical_path import critical_path
from .bench.tracing.spans import agent_span, trace
from .course.exercises import checks
from .course.figures import figure
from .course.guesses import guess
from .course.progress import show_progress
from .course.setup_check import check_setup
from .pictures.contexts import context
from .pictures.flows import flow
from .pictures.tables import cost_table, table
from .pictures.timelines import timeline

__version__ = "0.2.0"

__all__ = [
    "HAIKU",
    "OPUS",
    "SONNET",
    "Agent",
    "Fault",
    "ReplyEmpty",
    "ReplyError",
    "ReplyMalformed",
    "ReplyRefused",
    "ReplyTruncated",
    "RetryOnce",
    "ToolAgent",
    "agent_span",
    "aggregate",
    "check_setup",
    "checks",
    "connect",
    "context",
    "coordinate",
    "cost_table",
    "cost_usd",
    "critical_path",
    "fake_client",
    "fan_out",
    "figure",
    "flow",
    "guess",
    "orchestrate",
    "route",
    "run",
    "run_pipeline",
    "show_progress",
    "table",
    "text_of",
    "timeline",
    "trace",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A public name of a room, for who asks at the wrong door; editors know only the above."""
        from . import agents, bench, course, pictures

        for room in (agents, bench, pictures, course):
            if name in room.__all__:
                return getattr(room, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


allow_asyncio_run_in_cells()
