"""The course around the lessons.

exercises (what a check says) · progress · setup_check · fault_panel · notebooks (read, run) ·
record_notebook, check_notebooks and ask: the commands of `python -m mas_helpers` · live_costs ·
recording_advice (what it adds to errors of the bench).
"""

from . import recording_advice  # noqa: F401  registers with the bench
from .exercises import Checks, Failed, Line, Result, checks, compare, expect, expect_async
from .fault_panel import panel
from .live_costs import LiveCost, live_cost
from .progress import forget_progress, show_progress
from .setup_check import check_setup

__all__ = [
    "Checks",
    "Failed",
    "Line",
    "LiveCost",
    "Result",
    "check_setup",
    "checks",
    "compare",
    "expect",
    "expect_async",
    "forget_progress",
    "live_cost",
    "panel",
    "show_progress",
]
