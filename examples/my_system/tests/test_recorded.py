"""Your own prompts, answered once by a model and replayed since: README.md, *Record it*."""

import os
from pathlib import Path

import pytest
from my_system.contract import Desk
from my_system.workshop import workshop
from school import CELLO, ROOT

from mas_helpers.agents import same_marks

RECORDING = ROOT / "recordings" / "cello.yaml"


def test_recorded(desk, request, tmp_path):
    """The cello's letter: nothing missing, and what it costs is said."""
    if not RECORDING.is_file() and os.environ.get("MAS_MODE") != "record":
        pytest.skip("nothing is recorded yet; README.md says how, under 'Record it'")
    recordings, virtual_time = map(request.getfixturevalue, ("recordings", "virtual_time"))
    client = recordings("cello", normalize_request=same_marks)  # marks differ each time: lesson 21
    with_all = Desk(client, Path(ROOT, "documents"), tmp_path, workshop())
    answer = virtual_time.run(desk.answer(CELLO.ticket, CELLO.question, with_all))
    assert not answer.missing and "14" in answer.text
