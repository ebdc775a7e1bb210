"""Multi-agent systems, step by step: agents on the raw anthropic SDK, and the test bench they stand on.

client = connect("01_agent")                       # the SDK's own client; offline, on recorded replies
agent = Agent("greeter", HAIKU, "Greet.", client=client)
run(agent.run("Hello"))                            # the text of the answer; recorded seconds, no waiting
"""

from .agent import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    ReplyEmpty,
    ReplyError,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    parsed,
    text_of,
    whole,
)
from .arithmetic import calculate
from .checks import checks, compare
from .client import MissingKey, connect, fake_client
from .clock import ModeError
from .corpus import Fact, Notes, corpus_folder, corpus_tools, documents_in, invented
from .cost import UnknownPrice, cost_usd, live_cost
from .flows import context, flow
from .patterns import (
    LineStopped,
    Routed,
    aggregate,
    attempted,
    fan_out,
    handed_on,
    orchestrate,
    pipeline,
    planned,
    put_together,
    route,
)
from .pictures import cost_table, table, timeline
from .plans import BadPlan, NothingDone, Orchestrated, Part, Plan, Subtask, flaws
from .ready import setup_check
from .recordings import MissingRecording, RecordingError
from .reports import Contradiction, Finding, Quote, Report, Untraceable, folded, untraced
from .rows import critical_path
from .runner import allow_asyncio_run_in_cells, run
from .tools import OutOfSteps, ToolAgent, tool_results
from .trace import agent_span, trace

__all__ = [
    "HAIKU", "OPUS", "SONNET", "Agent", "agent_span", "aggregate", "attempted", "BadPlan", "calculate", "checks",
    "compare", "connect", "context", "Contradiction", "corpus_folder", "corpus_tools", "cost_table", "cost_usd",
    "critical_path", "documents_in", "Fact", "fake_client", "fan_out", "Finding", "flaws", "flow", "folded",
    "handed_on", "invented", "LineStopped", "live_cost", "MissingKey", "MissingRecording", "ModeError", "Notes",
    "NothingDone", "orchestrate", "Orchestrated", "OutOfSteps", "parsed", "Part", "pipeline", "Plan", "planned",
    "put_together", "Quote", "RecordingError", "ReplyEmpty", "ReplyError", "ReplyMalformed", "ReplyRefused",
    "ReplyTruncated", "Report", "route", "Routed", "run", "setup_check", "Subtask", "table", "text_of", "timeline",
    "tool_results", "ToolAgent", "trace", "UnknownPrice", "Untraceable", "untraced", "whole",
]  # fmt: skip

allow_asyncio_run_in_cells()
