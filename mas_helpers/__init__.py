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
from .briefs import (
    Brief,
    Draft,
    FactCheck,
    NothingFound,
    Objection,
    Research,
    Unwritten,
    audit_trail,
    misread,
    objections_to,
    sentences,
    source_list,
    to_mend,
    uncited,
)
from .budget import Budget, BudgetReached
from .checks import checks, compare
from .client import MissingKey, connect, fake_client
from .clock import ModeError
from .corpus import Fact, Notes, corpus_folder, corpus_tools, documents_in, invented
from .cost import UnknownPrice, cost_usd, live_cost
from .failures import DeadlinePassed, Outcome, SecondTry, before_deadline, kind_of, outcome_of
from .faults import Fault, drawn
from .flows import context, flow
from .outcomes import LineStopped, NothingDone, NotPutTogether, Orchestrated, Part, Routed, put_together
from .patterns import (
    aggregate,
    attempted,
    coordinate,
    fact_checked,
    fan_out,
    handed_on,
    orchestrate,
    pipeline,
    planned,
    researched,
    route,
)
from .pictures import cost_table, table, timeline
from .plans import BadPlan, Plan, Subtask, flaws
from .progress import forget_progress, progress
from .ready import setup_check
from .recordings import MissingRecording, RecordingError
from .reports import Contradiction, Finding, Quote, Report, Untraceable, folded, untraced
from .research import Team, research, team
from .rows import critical_path
from .runner import allow_asyncio_run_in_cells, run
from .tools import OutOfSteps, ToolAgent, tool_results
from .trace import agent_span, trace
from .trials import Trial, trial, violations

__all__ = [
    "HAIKU", "OPUS", "SONNET", "Agent", "agent_span", "aggregate", "attempted", "audit_trail", "BadPlan",
    "before_deadline", "Brief", "Budget", "BudgetReached", "calculate", "checks", "compare", "connect", "context",
    "Contradiction", "coordinate", "corpus_folder", "corpus_tools", "cost_table", "cost_usd", "critical_path",
    "DeadlinePassed", "documents_in", "Draft", "drawn", "Fact", "fact_checked", "FactCheck", "fake_client", "fan_out",
    "Fault", "Finding", "flaws", "flow", "folded", "forget_progress", "handed_on", "invented", "kind_of", "LineStopped",
    "live_cost", "misread", "MissingKey", "MissingRecording", "ModeError", "Notes", "NothingDone", "NothingFound",
    "NotPutTogether", "Objection", "objections_to", "orchestrate", "Orchestrated", "Outcome", "outcome_of",
    "OutOfSteps", "parsed", "Part", "pipeline", "Plan", "planned", "progress", "put_together", "Quote",
    "RecordingError", "ReplyEmpty", "ReplyError", "ReplyMalformed", "ReplyRefused", "ReplyTruncated", "Report",
    "Research", "research", "researched", "route", "Routed", "run", "SecondTry", "sentences", "setup_check",
    "source_list", "Subtask", "table", "Team", "team", "text_of", "timeline", "to_mend", "tool_results", "ToolAgent",
    "trace", "Trial", "trial", "uncited", "UnknownPrice", "Untraceable", "untraced", "Unwritten", "violations", "whole",
]  # fmt: skip

allow_asyncio_run_in_cells()
