from dataclasses import dataclass, replace

from mas_helpers import fan_out, orchestrate
from mas_helpers.agents import (
    AllWorkersFailed,
    NoAnswer,
    OrchestrationResult,
    Subtask,
    SynthesisFailed,
    make_plan,
    run_subtask,
    synthesis_prompt,
)
