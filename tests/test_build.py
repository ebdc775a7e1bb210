"""tools/build.py: the same bytes at every run, nothing of this machine in them, real recordings
left alone.
"""

import json

import build
import exports
import pytest

from mas_helpers.bench import recordings
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.course import record_notebook, stored_outputs
from mas_helpers.course.notebooks import NotebookError

WIDGET = "application/vnd.jupyter.widget-view+json"
ASK = """from mas_helpers import connect, run
client = connect("01_agent")
messages = [{"role": "user", "content": "Hello"}]
call = client.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=messages)
run(call).content[-1].text"""
REPLIES = """
- agent: greeter
  when: {user: Hello}
  replies:
    - {text: Good morning., seconds: 0}
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one lesson that was never recorded, with replies for the stand-in."""
    for folder in ("notebooks/recordings", "tools/replies"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tools/replies/01_agent.yaml").write_text(REPLIES, encoding="utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(build, "REPLIES", tmp_path / "tools/replies")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "one-that-must-not-be-sent")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-tenant: mine")
    return tmp_path / "notebooks"


def replay(path):
    return stored_outputs.replay_notebook(path, lambda *_: None)


def write(path, *cells):
    """A notebook as a hurried author leaves it: without ids, with old outputs, timings and another
    kernel.
    """
    old = {"output_type": "stream", "name": "stdout", "text": ["old\n"]}
    left = {"execution": {"iopub.status.idle": "today"}, "trusted": True}
    cell = {"cell_type": "code", "execution_count": 17, "outputs": [old]}
    code = [cell | {"metadata": left, "source": source} for source in cells]
    title = {"cell_type": "markdown", "metadata": {}, "source": ["# A title – with a dash\n"]}
    kernel = {"name": "mine", "display_name": "Mine"}
    metadata = {"kernelspec": kernel, "widgets": {}, "language_info": {"version": "3.9"}}
    notebook = {"cells": [title, *code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@pytest.mark.slow
def test_build_records_then_stores_outputs_and_a_second_run_changes_no_byte(course, capsys):
    tagged = (
        "import ipywidgets, sys\nprint('b', file=sys.stderr)\nprint('a')\nipywidgets.IntSlider()"
    )
    # as 00_start_here does; not there yet when the lesson is recorded first
    shows = (
        "import pathlib; [p.read_text()[:9] for p in pathlib.Path('recordings').glob('01*.yaml')]"
    )
    path = write(
        course / "01_agent.ipynb", ASK, shows, "", tagged, "list({'one', 'two', 'three', 'four'})"
    )
    assert build.main([]) == 0
    first = path.read_bytes()
    said = capsys.readouterr().out
    assert (
        "recordings/01_agent.yaml: 1 call," in said and "01_agent.ipynb: outputs rewritten" in said
    )
    assert recordings.load(course / "recordings/01_agent.yaml").source == "stand-in"
    assert build.main(["01", "--outputs-only"]) == 0
    assert path.read_bytes() == first
    assert "01_agent.ipynb: outputs unchanged" in capsys.readouterr().out

    text, notebook = first.decode(), json.loads(first)
    assert (
        text.endswith("}\n") and "\r" not in text and "–" in text and text.startswith('{\n "cells"')
    )
    assert notebook["metadata"] == {
        "kernelspec": stored_outputs.KERNEL,
        "language_info": {"name": "python"},
    }
    _, asked, shown, empty, slider, words = notebook["cells"]
    assert asked["outputs"][0]["data"] == {"text/plain": ["'Good morning.'"]}
    assert [cell["execution_count"] for cell in (asked, shown, empty, slider, words)] == [
        1,
        2,
        None,
        3,
        4,
    ]
    assert empty["outputs"] == []
    assert shown["outputs"][0]["data"] == {"text/plain": ["['format: 3']"]}
    assert [out.get("name") for out in slider["outputs"]] == ["stdout", "stderr", None]
    assert WIDGET not in text and "IntSlider" in text
    assert asked["metadata"] == {} and len({cell["id"] for cell in notebook["cells"]}) == 6


@pytest.mark.slow
def test_a_second_record_on_another_day_changes_no_byte(course, monkeypatch):
    notebook = write(course / "01_agent.ipynb", ASK)
    recording = course / "recordings/01_agent.yaml"
    assert build.main(["01"]) == 0
    stored, old = notebook.read_bytes(), recordings.load(recording)
    old.recorded = "2026-01-02"
    old.save(recording)
    first = recording.read_bytes()
    assert build.main(["01"]) == 0
    assert recording.read_bytes() == first and b"2026-01-02" in first
    assert notebook.read_bytes() == stored
    # another reply is another recording, of today
    replies = REPLIES.replace("Good morning.", "Good evening.")
    (build.REPLIES / "01_agent.yaml").write_text(replies, encoding="utf-8")
    assert build.main(["01"]) == 0
    new = recordings.load(recording)
    assert new.recorded != "2026-01-02" and new.exchanges != old.exchanges


def test_a_damaged_recording_is_replaced(tmp_path):
    (tmp_path / "old.yaml").write_text("format: [", encoding="utf-8")
    Recording("01_agent", recorded="2026-01-02").save(tmp_path / "new.yaml")
    record_notebook.put_in_place(tmp_path / "new.yaml", tmp_path / "old.yaml")
    assert recordings.load(tmp_path / "old.yaml").recorded == "2026-01-02"
    assert [path.name for path in tmp_path.iterdir()] == ["old.yaml"]


def test_a_recording_from_elsewhere_is_of_its_own_day_and_ends_what_was_kept_of_an_earlier_run(
    tmp_path,
):
    target = tmp_path / "01_agent.yaml"
    Recording("01_agent", source="stand-in", recorded="2026-01-02").save(target)
    (tmp_path / "01_agent.yaml.part").write_text("paid for in an earlier run", encoding="utf-8")
    Recording("01_agent", source="api.anthropic.com", recorded="2026-03-04").save(
        tmp_path / "new.yaml"
    )
    assert record_notebook.put_in_place(tmp_path / "new.yaml", target) == target
    assert recordings.load(target).recorded == "2026-03-04"
    assert [path.name for path in tmp_path.iterdir()] == ["01_agent.yaml"]


DEFINED = """import functools


@functools.cache
def double(n):
    return 2 * n


class Pair: ...
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one module, whose definitions a lesson builds."""
    (tmp_path / "mas_helpers").mkdir()
    (tmp_path / "mas_helpers" / "numbers.py").write_text(DEFINED, encoding="utf-8")
    monkeypatch.setattr(exports, "PACKAGE", tmp_path / "mas_helpers")
    return tmp_path / "mas_helpers"


def tag_as_export(path, *positions):
    notebook = json.loads(path.read_text("utf-8"))
    for position in positions:
        notebook["cells"][position]["metadata"]["tags"] = ["export"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def test_cells_of_a_definition_are_filled_from_the_package(course, package, capsys):
    old = "def double(n):\n    return n + n\n\n\nclass Pair: pass"
    path = write(course / "02_numbers.ipynb", "import functools", old, "double(4)")
    tag_as_export(path, 2)
    assert build.main(["02", "--outputs-only"]) == 0
    assert "02_numbers.ipynb: from the package: double, Pair" in capsys.readouterr().out
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert "".join(cells[2]["source"]) == DEFINED.partition("\n\n\n")[2].rstrip()
    assert cells[3]["outputs"][0]["data"] == {"text/plain": ["8"]}
    before = path.read_bytes()
    assert exports.fill_exports(path) == [] and path.read_bytes() == before


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def half(n): ...", "0 definitions of half in mas_helpers"),
        ("x = 1", "a cell tagged export holds definitions only:\nx = 1"),
    ],
)
def test_what_the_package_cannot_fill_is_said_and_left_alone(
    course, package, capsys, source, words
):
    path = tag_as_export(write(course / "02_numbers.ipynb", source), 1)
    before = path.read_bytes()
    assert build.main(["02", "--outputs-only"]) == 1
    assert words in capsys.readouterr().err and path.read_bytes() == before


def test_a_name_that_the_package_defines_twice_is_no_export(course, package, capsys):
    (package / "other.py").write_text("def double(n): ...", encoding="utf-8")
    tag_as_export(write(course / "02_numbers.ipynb", "def double(n): ..."), 1)
    assert build.main(["02", "--outputs-only"]) == 1
    assert "2 definitions of double" in capsys.readouterr().err


def test_an_error_on_purpose_keeps_its_words_and_no_path(course):
    path = write(course / "02_error.ipynb", "1 / 0")
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (error,) = replay(path).cells[1].outputs
    assert (error.ename, error.evalue) == ("ZeroDivisionError", "division by zero")
    assert error.traceback == ["ZeroDivisionError: division by zero"]


@pytest.mark.slow
def test_a_failing_cell_and_a_path_in_an_output_leave_the_notebook_as_it_was(course, capsys):
    path = write(course / "02_error.ipynb", "x = 1", "import os\nos.getcwd()", "1 / 0")
    before = path.read_bytes()
    assert build.main(["02", "--outputs-only"]) == 1
    assert (
        "02_error, cell 3 (1 / 0) failed: ZeroDivisionError: division by zero"
        in capsys.readouterr().err
    )
    write(path, "x = 1", "import os\nos.getcwd()")
    before = path.read_bytes()
    assert build.main(["02", "--outputs-only"]) == 1
    assert "02_error, cell 2 (import os) shows " in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_lesson_without_replies_and_one_recorded_for_real_are_not_recorded(
    course, capsys, monkeypatch
):
    monkeypatch.setattr(build, "record", lambda *_: pytest.fail("it recorded"))
    real, bare = write(course / "01_agent.ipynb", "1"), write(course / "02_router.ipynb", "2")
    request = {"method": "POST", "path": "/v1/messages", "body": {}}
    paid = [Exchange("", request, Reply())]
    Recording("01_agent", source="api.anthropic.com", exchanges=paid).save(
        course / "recordings/01_agent.yaml"
    )
    for path in (real, bare):
        build.record_with_stand_in(path)
    said = capsys.readouterr().out
    assert "01_agent: its recording is from api.anthropic.com and stays" in said
    assert "02_router: no tools/replies/02_router.yaml, so nothing is recorded" in said


def test_the_stand_in_gets_no_key_of_the_author(course, monkeypatch):
    sent = []
    monkeypatch.setattr(build, "record", lambda path, changes, *_, **__: sent.append(changes) or [])
    build.record_with_stand_in(write(course / "01_agent.ipynb", ASK))
    (changes,) = sent
    assert (
        changes["ANTHROPIC_API_KEY"] == "placeholder"
        and changes["ANTHROPIC_CUSTOM_HEADERS"] is None
    )
    assert (
        changes["ANTHROPIC_BASE_URL"].startswith("http://127.0.0.1:")
        and "127.0.0.1" in changes["NO_PROXY"]
    )


def test_wrong_lesson_and_wrong_replies_are_sentences(course, capsys):
    write(course / "01_agent.ipynb", ASK)
    assert build.main(["01_agnet"]) == 1
    assert "Did you mean '01_agent'?" in capsys.readouterr().err
    (build.REPLIES / "01_agent.yaml").write_text("- {when: {}}", encoding="utf-8")
    assert build.main(["01_agent"]) == 1
    assert "'replies' is a required property" in capsys.readouterr().err


@pytest.mark.parametrize("data", [
    {"text/plain": "{root}/notebooks/x.db"},
    {"text/html": '<img src="data:image/svg+xml,%3Ctext%3E{quoted}%2Fx">'},
    {"text/html": '<img src="data:image/svg+xml;base64,{base64}">'},
    {"text/plain": "<function f at 0x7f1db4aee750>"},
])  # fmt: skip
def test_what_differs_elsewhere_is_found_wherever_it_hides(course, data):
    from base64 import b64encode
    from urllib.parse import quote

    root = str(build.ROOT)
    filled = {
        mime: text.format(
            root=root,
            quoted=quote(root, safe=""),
            base64=b64encode(f"<text>{root}/x".encode()).decode(),
        )
        for mime, text in data.items()
    }
    assert list(
        stored_outputs.find_local_texts({"output_type": "display_data", "data": filled}, course)
    )
    plain = {
        "output_type": "stream",
        "text": f"4.2 s at 100 % in notebooks/x.db, a/b and {build.ROOT.name}",
    }
    assert list(stored_outputs.find_local_texts(plain, course)) == []


def test_given_ids_stay_and_double_ones_are_made_anew():
    from nbformat.v4 import new_code_cell

    def ids(*given):
        cells = [new_code_cell("x", id=name) for name in given]
        stored_outputs.set_ids(cells)
        return [cell.id for cell in cells]

    assert ids("intro", "a-b") == ["intro", "a-b"]
    first, second, third = ids("same", "same", "same")
    assert first == "same" and len({first, second, third}) == 3
    assert ids("same", "same", "same") == [first, second, third]


def test_an_output_that_is_only_a_widget_goes_and_others_keep_their_text():
    from nbformat.v4 import new_output

    assert (
        stored_outputs.clean_output(new_output("display_data", {WIDGET: {"model_id": "1"}}), 1)
        is None
    )
    kept = stored_outputs.clean_output(
        new_output("execute_result", {WIDGET: {}, "text/plain": "slider"}, execution_count=9), 3
    )
    assert (dict(kept.data), kept.execution_count) == ({"text/plain": "slider"}, 3)


def test_a_notebook_that_no_tool_would_read_is_not_written(course):
    notebook = replay(write(course / "02_error.ipynb", "1"))
    notebook.cells[0]["cell_type"] = "prose"
    with pytest.raises(Exception, match="prose"):
        stored_outputs.render(notebook)
    with pytest.raises(NotebookError, match="not readable as a notebook"):
        replay(course / "99_none.ipynb")
