"""What the lessons build: a module a lesson, top to bottom as the lesson tells it.

- agent (01): `Agent`, and what a reply must be to count as one
- router (02), parallel (03), pipeline (04)
- aggregator (05): one report out of several, every claim traced
- planner (06): the plan and its check; orchestrator (07): subtasks, the prompt that the synthesizer
  reads, a result that names its gaps
- tools (08): `ToolAgent`, with calculator; sources (09): documents searched and read safely
- fact_checker (10), coordinator (11): research, write, check, revise
- outcomes (13): what can come of a job; deadlines (13): `RetryOnce` for a worker, a deadline for
  all
- observability (16): who said a number first, a log of every call, what may leave the process
- budget (17): a cap in dollars, an alert, and what is odd about the cost of a run
- research_team: the finished system, which `python -m mas_helpers ask` runs
"""

from .agent import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    AgentLike,
    ReplyEmpty,
    ReplyError,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    ensure_complete,
    parse_reply,
    text_of,
)
from .aggregator import (
    Contradiction,
    Finding,
    Quote,
    Report,
    UntraceableReport,
    aggregate,
    contains_words,
    find_left_out,
    find_unfounded,
    find_untraced,
    normalize,
    quotes_of,
)
from .budget import Budget, BudgetReached, most_usd, unlike_before
from .calculator import calculate
from .coordinator import (
    Brief,
    NoFactsFound,
    WriterFailed,
    audit_trail,
    coordinate,
    objections_to,
    research_topic,
    revision_prompt,
)
from .deadlines import DeadlinePassed, RetryOnce, try_twice, with_deadline
from .fact_checker import (
    Draft,
    FactCheck,
    Objection,
    Research,
    fact_check,
    find_misquoted,
    find_uncited,
    sentences,
    source_list,
)
from .observability import (
    Mention,
    blame,
    exporting,
    holds,
    log_entry,
    mentions,
    numbers_in,
    redact,
    redact_span,
    write_log,
)
from .orchestrator import (
    AllWorkersFailed,
    OrchestrationResult,
    SubtaskResult,
    SynthesisFailed,
    orchestrate,
    run_subtask,
    synthesis_prompt,
)
from .outcomes import Outcome, OutcomeKind, classify_error, outcome_of
from .parallel import fan_out
from .pipeline import PipelineStopped, run_pipeline, stage_prompt
from .planner import InvalidPlan, Plan, Subtask, make_plan, plan_problems
from .research_team import Team, build_team, research
from .router import RouteResult, route
from .sources import (
    Fact,
    Notes,
    build_index,
    corpus_folder,
    corpus_tools,
    documents_in,
    find_unsupported,
    read_inside,
    search_index,
)
from .tools import MaxStepsExceeded, ToolAgent, as_text, call_tool, run_tool, run_tools, toolbox

__all__ = [
    "Agent",
    "AgentLike",
    "AllWorkersFailed",
    "Brief",
    "Budget",
    "BudgetReached",
    "Contradiction",
    "DeadlinePassed",
    "Draft",
    "Fact",
    "FactCheck",
    "Finding",
    "HAIKU",
    "InvalidPlan",
    "MaxStepsExceeded",
    "Mention",
    "NoFactsFound",
    "Notes",
    "OPUS",
    "Objection",
    "OrchestrationResult",
    "Outcome",
    "OutcomeKind",
    "PipelineStopped",
    "Plan",
    "Quote",
    "ReplyEmpty",
    "ReplyError",
    "ReplyMalformed",
    "ReplyRefused",
    "ReplyTruncated",
    "Report",
    "Research",
    "RetryOnce",
    "RouteResult",
    "SONNET",
    "Subtask",
    "SubtaskResult",
    "SynthesisFailed",
    "Team",
    "ToolAgent",
    "UntraceableReport",
    "WriterFailed",
    "aggregate",
    "as_text",
    "audit_trail",
    "blame",
    "build_index",
    "build_team",
    "calculate",
    "call_tool",
    "classify_error",
    "contains_words",
    "coordinate",
    "corpus_folder",
    "corpus_tools",
    "documents_in",
    "ensure_complete",
    "exporting",
    "fact_check",
    "fan_out",
    "find_left_out",
    "find_misquoted",
    "find_uncited",
    "find_unfounded",
    "find_unsupported",
    "find_untraced",
    "holds",
    "log_entry",
    "make_plan",
    "mentions",
    "most_usd",
    "normalize",
    "numbers_in",
    "objections_to",
    "orchestrate",
    "outcome_of",
    "parse_reply",
    "plan_problems",
    "quotes_of",
    "read_inside",
    "redact",
    "redact_span",
    "research",
    "research_topic",
    "revision_prompt",
    "route",
    "run_pipeline",
    "run_subtask",
    "run_tool",
    "run_tools",
    "search_index",
    "sentences",
    "source_list",
    "stage_prompt",
    "synthesis_prompt",
    "text_of",
    "toolbox",
    "try_twice",
    "unlike_before",
    "with_deadline",
    "write_log",
]
