"""`check` in somebody else's project: no notebook, no course."""

import contextlib
import datetime
import json
from pathlib import Path

import pytest

from mas_helpers import HAIKU, connect
from mas_helpers import __main__ as command_line
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.course import check_notebooks

KEY = "sk-ant-api03-" + "Ab1" * 8
TEST = 'def test_it(recordings):\n    recordings("desk")\n'


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Somebody's project, and the current folder: a test and the recording that it plays."""
    monkeypatch.chdir(tmp_path)
    Path("tests").mkdir()
    Path("tests/test_desk.py").write_text(TEST, encoding="utf-8")
    keep("desk", "hello")
    return tmp_path


def keep(name, *texts, model=HAIKU):
    exchanges = []
    for text in texts:
        body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": text}]}
        request = {"method": "POST", "path": "/v1/messages", "body": body}
        exchanges.append(Exchange("", request, Reply(200, 0.0, {}, {})))
    path = Path("tests/recordings") / f"{name}.yaml"
    Recording(name, "test", exchanges=exchanges).save(path)
    return path


@pytest.fixture
def check(capsys):
    """Checks the places: the exit code, the findings, the last line."""

    def run(*places):
        code = command_line.main(["check", *map(str, places)])
        said = capsys.readouterr()
        lines = said.out.splitlines() or [said.err.strip()]
        return code, lines[:-1], lines[-1]

    return run


@pytest.mark.parametrize("place", [None, ".", "tests"])
def test_where_all_is_well_it_says_so(project, check, place):
    expected = (0, [], "2 files, 1 recording: nothing to report")
    assert check(*filter(None, [place])) == expected


@pytest.mark.parametrize("place", [".", "tests/recordings", "tests/recordings/desk.yaml"])
def test_a_secret_is_named_by_its_place_and_not_shown(project, check, place):
    path = keep("desk", f"my key is {KEY}")
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if KEY in text)
    code, (finding,), last = check(place)
    assert code == 1 and last.endswith("1 to fix") and KEY not in finding
    assert finding.startswith(f"{path}, line {line}: looks like an Anthropic key.")


@pytest.mark.parametrize(("content", "words"), [
    ("exchanges: [", "not readable as YAML"),
    ("- a list", "not a recording"),
    ("format: 9\nexchanges: []\n", "format 9; this version of mas_helpers reads"),
    ("interactions: []\n", "a cassette of vcrpy"),
])  # fmt: skip
@pytest.mark.parametrize("place", [".", "tests/recordings/old.yaml"])
def test_a_recording_that_does_not_load_is_named_with_a_way_that_works_there(
    project, check, content, words, place
):
    path = Path("tests/recordings/old.yaml")
    path.write_text(content, encoding="utf-8")
    code, findings, _ = check(place)
    assert code == 1 and findings[0].startswith(f"{path}") and words in findings[0]
    for word in ("git checkout --", "mas_helpers record", "start.py", "Jupyter"):
        assert word not in "".join(findings)


def test_other_files_in_yaml_are_no_recordings_unless_they_are_asked_for(project, check):
    Path("compose.yaml").write_text("services: {}\n", encoding="utf-8")
    assert check(".")[0] == 0
    code, (finding,), _ = check("compose.yaml")
    assert code == 1 and "compose.yaml, line 1: not a recording" in finding
    elsewhere = Path("kept/other.yaml")
    Recording("other").save(elsewhere)
    assert check("kept") == (0, [], "1 file, 1 recording: nothing to report")


@pytest.fixture
def ending(monkeypatch):
    """Models that end: so many days from today."""
    today = datetime.date.today()
    days = {f"claude-model-{left}": today + datetime.timedelta(left) for left in (-9, 0, 3, 61)}
    monkeypatch.setattr(check_notebooks, "retirements", lambda: days)
    return {left: days[f"claude-model-{left}"] for left in (-9, 0, 3, 61)}


def test_models_that_end_are_named_with_their_last_day_in_code_and_recordings(
    project, check, ending
):
    code = "\n".join(f"MODEL = 'claude-model-{left}'" for left in ending)
    Path("agents.py").write_text(f"import sys\n{code}\n", encoding="utf-8")
    path = keep("desk", "hello", model="claude-model-3")
    exit_code, findings, _ = check(".")
    now = "Use a current one."
    assert exit_code == 1 and findings == [
        f"agents.py, line 2: model 'claude-model--9' was retired on {ending[-9]}. {now}",
        f"agents.py, line 3: model 'claude-model-0' was retired on {ending[0]}. {now}",
        f"agents.py, line 4: model 'claude-model-3' ends on {ending[3]}, in 3 days. {now}",
        f"{path}: model 'claude-model-3' ends on {ending[3]}, in 3 days (reply 1). "
        "Use a current one, then record it again.",
    ]


@pytest.mark.parametrize(("code", "found"), [
    ("'claude-haiku-4'", True), ("'claude-instant'", True), ("'claude-code'", False),
    ("'claude-agent-sdk'", False), ("# claude-haiku-4 never was", False), (f"'{HAIKU}'", False),
])  # fmt: skip
def test_what_looks_like_a_model_and_is_none_is_named(project, check, code, found):
    Path("agents.py").write_text(f"{code}\n", encoding="utf-8")
    _, findings, _ = check("agents.py")
    assert ["agents.py, line 1: model" in finding for finding in findings] == [True] * found


@pytest.mark.parametrize(("source", "found"), [
    (TEST, True),
    (TEST.replace('"desk"', '"old"') + TEST, False),
    (TEST + 'NAMES = ["old"]\n', False),  # may be handed on
    ('def test_it(recordings, name):\n    recordings(name)\n', False),
    ("def broken(:", False),
    ("def test_it():\n    pass\n", False),  # nothing here opens a recording
])  # fmt: skip
def test_a_recording_that_no_code_names_is_said_where_that_can_be_known(
    project, check, source, found
):
    path = keep("old", "hello")
    Path("tests/test_desk.py").write_text(source, encoding="utf-8")
    _, findings, _ = check(".")
    said = f"{path}: no code here names 'old'. Delete it if nothing plays it."
    assert findings == [said] * found


def test_what_no_test_played_is_named_by_the_log_of_a_run(project, check, monkeypatch):
    path = keep("desk", "hello", "never asked")
    monkeypatch.setenv("MAS_USED", "used.txt")
    client = connect("desk", folder="tests/recordings", sync=True)
    client.messages.with_raw_response.create(
        model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "hello"}]
    )
    code, (finding,), _ = check("tests", "--used", "used.txt")
    assert code == 1 and finding.startswith(
        f"{path}: reply 2 of 2 was played by nothing (no agent: 'never asked')."
    )
    code, _, said = check("tests", "--used", "nowhere.txt")
    assert code == 2 and "There is no nowhere.txt: set MAS_USED=nowhere.txt" in said


def test_what_is_installed_or_hidden_is_not_looked_at(project, check):
    for folder in (".git", "venv/lib", "node_modules", "tests/__pycache__"):
        Path(folder).mkdir(parents=True)
        (Path(folder) / "keys.py").write_text(KEY, encoding="utf-8")
    Path("venv/pyvenv.cfg").touch()
    with contextlib.suppress(OSError):  # Windows may refuse links
        Path("itself").symlink_to(".", target_is_directory=True)
        Path("gone.py").symlink_to("nowhere.py")
    assert check(".")[0] == 0
    Path("keys.py").write_text(KEY, encoding="utf-8")
    assert check(".")[0] == 1


def test_a_notebook_in_a_folder_is_read_and_not_run(project, check):
    sources = ["1 / 0", "model = 'claude-haiku-4'"]
    cells = [{"cell_type": "code", "metadata": {}, "source": [source]} for source in sources]
    Path("look.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    code, (finding,), _ = check(".")
    assert code == 1
    assert finding.startswith("look.ipynb, cell 2: model 'claude-haiku-4' is not one that")


def test_a_place_that_is_not_there_is_said(project, check):
    code, _, said = check("test")
    assert code == 2 and "There is no test, and there are no notebooks in notebooks." in said
