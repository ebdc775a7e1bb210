"""The bench speaks of recordings; what the course knows about its own it adds by itself."""

import pytest

from mas_helpers import connect
from mas_helpers.bench import MissingKey, RecordingError, recordings
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


@pytest.mark.parametrize("mode", ["live", "record"])
def test_who_has_no_key_is_sent_to_jupyter_only_from_a_notebook(tmp_path, monkeypatch, mode):
    def said():
        with pytest.raises(MissingKey) as caught:
            connect("desk", folder=tmp_path, mode=mode, sync=True)
        return str(caught.value)

    assert "ANTHROPIC_API_KEY" in said() and "Jupyter" not in said()
    monkeypatch.setattr("mas_helpers.bench.client.in_kernel", lambda: True)
    assert "start Jupyter again from there" in said()


def test_a_damaged_recording_in_a_test_names_the_command_that_records_it(tmp_path):
    from mas_helpers.bench.pytest_plugin import Kit, Recordings

    (tmp_path / "desk.yaml").write_text("exchanges: [", encoding="utf-8")
    kit = Kit(tmp_path, "tests/test_desk.py::test_it", strict=True, all_played=False)
    with pytest.raises(RecordingError) as caught:
        Recordings(lambda: kit)("desk")
    (note,) = caught.value.__notes__
    assert 'MAS_MODE=record python -m pytest "tests/test_desk.py::test_it"' in note
