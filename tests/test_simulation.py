"""Thousands of seeded schedules of faults over orchestrate and coordinate: every run keeps the
invariant.

Every run ends, within its deadline and budget, in an answer that is complete, an answer that names
what is missing, or an error that names its cause. A seed that ever failed belongs into REGRESSIONS,
with what was fixed.
"""

import functools
import os
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import KINDS, SYSTEMS, broken, run_of

from mas_helpers import Fault
from mas_helpers.agents import tools
from mas_helpers.agents.fact_checker import FactCheck
from mas_helpers.agents.orchestrator import SubtaskResult
from mas_helpers.bench import faults as f
from mas_helpers.bench import random_faults

# The numbers are seeds, so these runs are the same each time: 1,000 of them with each change, and
# every night all 10,000 (MAS_NIGHTLY=1, in .github/workflows/test.yml).
SCHEDULES = 10_000 if os.environ.get("MAS_NIGHTLY") else 1_000
SHARES = 10
RATES = {
    "everything": dict.fromkeys(f.KINDS, 0.03),
    "nothing": {},
    "bad network": {"reset": 0.25, "timeout": 0.15, "cut_stream": 0.1, "slow": 0.1},
    "busy": {"rate_limited": 0.3, "overloaded": 0.3, "server_error": 0.1},
    "odd answers": {"truncated": 0.1, "refused": 0.1, "empty": 0.1, "malformed": 0.1},
}
pytestmark = pytest.mark.slow
REGRESSIONS: dict[int, str] = {}  # the number of a run, and what was fixed


@pytest.fixture(autouse=True, scope="module")
def one_schema():
    """Makes the schema of the researcher's tool once: else that is a quarter of the time."""
    once = functools.cache(tools.beta_async_tool)
    with mock.patch.object(tools, "beta_async_tool", once):
        yield


def schedule(number):
    """The n-th run: which system, with second tries or not, under which rates; the number is the
    seed.
    """
    system = list(SYSTEMS)[number % 2]
    patient = bool(number // 2 % 2)
    rates = list(RATES)[number // 4 % len(RATES)]
    return system, patient, rates, number


def run_number(number):
    system, patient, rates, seed = schedule(number)
    return run_of(system, random_faults(seed, **RATES[rates]), patient=patient)


def failures_of(numbers):
    """What broke the invariant, with how to see it again."""
    found = []
    for number in numbers:
        made = run_number(number)
        found += [
            f"{schedule(number)}: {'; '.join(said)} · faults: {made.faults}"
            for said in [broken(made)]
            if said
        ]
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_every_schedule_keeps_the_invariant(share):
    runs = SCHEDULES // SHARES
    assert failures_of(range(share * runs, (share + 1) * runs)) == []


def test_the_schedules_reach_every_end_that_a_run_may_have():
    """Else the simulation would prove little: complete, named gaps, and errors all come up."""
    ends = set()
    for number in range(200):
        made = run_number(number)
        gaps = getattr(made.result, "missing", None) or getattr(made.result, "caveats", None)
        ends.add(
            (
                schedule(number)[0],
                type(made.error).__name__ if made.error else "gaps" if gaps else "complete",
            )
        )
    for system, error in (("orchestrate", "SynthesisFailed"), ("coordinate", "WriterFailed")):
        assert {(system, "complete"), (system, "gaps"), (system, error)} <= ends


def test_seeds_that_ever_failed():
    assert {number: broken(run_number(number)) for number in REGRESSIONS} == dict.fromkeys(
        REGRESSIONS, []
    )


AGENTS = ["", "planner", *KINDS, "synthesizer", "researcher", "writer", "fact-checker"]
FAULT = st.builds(
    Fault,
    st.sampled_from(list(f.KINDS)),
    agent=st.sampled_from(AGENTS),
    call=st.sampled_from([None, 1, 2, 3]),
    attempts=st.sampled_from([None, 1, 2]),
)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_schedule_that_hypothesis_thinks_of_breaks_the_invariant(system):
    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(st.lists(FAULT, max_size=4))
    def search(faults):
        assert broken(run_of(system, faults)) == []

    search()


def test_a_swallowed_exception_is_found(monkeypatch):
    """The planted bug: a worker's failure becomes an empty answer."""
    from mas_helpers.agents import orchestrator

    async def swallowing(subtask, worker):
        try:
            return SubtaskResult(subtask, await worker.run(subtask.task))
        except Exception:
            return SubtaskResult(subtask, "")

    monkeypatch.setattr(orchestrator, "run_subtask", swallowing)
    made = run_of("orchestrate", [Fault("refused", agent="data")])
    assert broken(made) == ["the task of data is not there, and nothing says so"]
    assert failures_of(range(40))


def test_a_fact_check_taken_for_granted_is_found(monkeypatch):
    """The other one: a fact-check that failed counts as no objections."""
    from mas_helpers.agents import Draft, coordinator

    async def trusting(text, research, checker):
        try:
            check = await checker.parse(f"Brief:\n{text}\n\n", FactCheck)
        except Exception:
            check = FactCheck(objections=[])
        return Draft(text, {checker.name: check.objections})

    monkeypatch.setattr(coordinator, "fact_check", trusting)
    made = run_of("coordinate", [Fault("malformed", agent="fact-checker")])
    assert "an objection stands, or was never made, and nothing says so" in broken(made)


def test_a_run_without_end_is_found():
    made = run_of("orchestrate", [Fault("rate_limited", seconds=3600)], deadline=10**6)
    assert made.trace.seconds == 7200.0
    assert broken(made) == ["it took 7200 s, and its deadline is 150 s"]
    assert broken(run_of("orchestrate", [Fault("rate_limited", seconds=3600)])) == []
