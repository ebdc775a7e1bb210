"""The course around the lessons.

- exercises: checks, what they say, and when an answer counts as not tried yet; supervision: stops
  an answer that never ends; places: where in the learner's code something happened; progress: what
  a learner passed, and where that is kept
- guesses, figures, explorer: a guess before a run, knobs that run it again, bars to click;
  widgets: what these share
- setup_check, fault_panel, live_costs, approvals: what lessons show
- notebooks: reads them, runs them in a fresh kernel; stored_outputs: what is kept of a run
- course_map: what lessons say of themselves: minutes, needs; files: what they read of the course
- the commands of `python -m mas_helpers`: record_notebook, check_notebooks, check_project, and ask/
  (command; many: a file of questions; tree and page: what it prints)
- local_model: a real and very small model on this machine
- recording_advice: what the course adds to the bench's errors about its recordings
"""

from . import recording_advice  # noqa: F401  registers with the bench
from .approvals import approval_panel
from .exercises import (
    Checks,
    Failed,
    Line,
    Result,
    call_async,
    call_plain,
    checks,
    expect,
)
from .explorer import explore
from .fault_panel import panel
from .figures import figure
from .files import course_file
from .guesses import guess
from .live_costs import LiveCost, live_cost
from .progress import forget_progress, show_progress
from .setup_check import check_setup

__all__ = [
    "Checks",
    "Failed",
    "Line",
    "LiveCost",
    "Result",
    "approval_panel",
    "call_async",
    "call_plain",
    "check_setup",
    "checks",
    "course_file",
    "expect",
    "explore",
    "figure",
    "forget_progress",
    "guess",
    "live_cost",
    "panel",
    "show_progress",
]
