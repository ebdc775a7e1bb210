"""The bench speaks of recordings; what the course knows about its own it adds by itself."""

import pytest

from mas_helpers.bench import RecordingError, recordings
from mas_helpers.bench.recordings import Recording


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "01_agent.ipynb").write_text("{}", encoding="utf-8")
    return folder


def refusal(path):
    with pytest.raises(RecordingError) as caught:
        recordings.load(path)
    return str(caught.value)


def test_a_missing_recording_of_the_course_says_both_ways_to_it(course):
    path = course / "recordings" / "01_agent.yaml"
    text = refusal(path)
    assert f"git checkout -- {path.as_posix()}" in text
    assert text.endswith("python -m mas_helpers record 01_agent")


def test_a_damaged_recording_of_the_course_says_them_too(course):
    path = course / "recordings" / "01_agent.yaml"
    Recording("01_agent").save(path)
    path.write_text("exchanges: [", encoding="utf-8")
    assert "python -m mas_helpers record 01_agent" in refusal(path)


def test_a_recording_that_no_notebook_has_is_not_recorded_by_that_command(course):
    text = refusal(course / "recordings" / "ask.yaml")
    assert "git checkout -- " in text and "mas_helpers record" not in text


@pytest.mark.parametrize("content", [None, "exchanges: [", "format: 9\nexchanges: []"])
def test_a_recording_of_another_project_hears_nothing_of_the_course(tmp_path, content):
    path = tmp_path / "recordings" / "desk.yaml"
    path.parent.mkdir()
    if content:
        path.write_text(content, encoding="utf-8")
    text = refusal(path)
    assert "MAS_MODE=record" in text
    assert not any(word in text for word in ("git checkout", "mas_helpers record", "lesson"))


def test_the_bench_sends_nobody_to_a_command_of_the_course(home):
    sources = [*(home / "mas_helpers" / "bench").rglob("*.py"), home / "pytest_mas_helpers.py"]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert not any(words in text for words in ("start.py", "mas_helpers record")), path
