"""tools/build.py: the same bytes at every run, nothing of this machine in them, real recordings
left alone.
"""

import json

import build
import pytest

from mas_helpers.bench import recordings
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.course.notebooks import NotebookError

WIDGET = "application/vnd.jupyter.widget-view+json"
ASK = """from mas_helpers import connect, run
client = connect("01_agent")
messages = [{"role": "user", "content": "Hello"}]
run(client.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=messages)).content[-1].text"""
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


def write(path, *cells):
    """A notebook as a hurried author leaves it: without ids, with old outputs, timings and another
    kernel.
    """
    old = {"output_type": "stream", "name": "stdout", "text": ["old\n"]}
    given = [
        {"cell_type": "code", "metadata": {"execution": {"iopub.status.idle": "today"}, "trusted": True},
         "source": source, "execution_count": 17, "outputs": [old]}
        for source in cells
    ]  # fmt: skip
    title = {"cell_type": "markdown", "metadata": {}, "source": ["# A title – with a dash\n"]}
    kernel = {"name": "mine", "display_name": "Mine"}
    metadata = {"kernelspec": kernel, "widgets": {}, "language_info": {"version": "3.9"}}
    notebook = {"cells": [title, *given], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def test_build_records_then_stores_outputs_and_a_second_run_changes_no_byte(course, capsys):
    tagged = (
        "import ipywidgets, sys\nprint('b', file=sys.stderr)\nprint('a')\nipywidgets.IntSlider()"
    )
    shows = "open('recordings/01_agent.yaml').read(9)"  # as 00_start_here does, also when it is recorded first
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
    assert notebook["metadata"] == {"kernelspec": build.KERNEL, "language_info": {"name": "python"}}
    _, asked, shown, empty, slider, words = notebook["cells"]
    assert asked["outputs"][0]["data"] == {"text/plain": ["'Good morning.'"]}
    assert [cell["execution_count"] for cell in (asked, shown, empty, slider, words)] == [
        1,
        2,
        None,
        3,
        4,
    ]
    assert empty["outputs"] == [] and shown["outputs"][0]["data"] == {"text/plain": ["'format: 2'"]}
    assert [out.get("name") for out in slider["outputs"]] == ["stdout", "stderr", None]
    assert WIDGET not in text and "IntSlider" in text
    assert asked["metadata"] == {} and len({cell["id"] for cell in notebook["cells"]}) == 6


def test_an_error_on_purpose_keeps_its_words_and_no_path(course):
    path = write(course / "02_error.ipynb", "1 / 0")
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (error,) = build.execute(path).cells[1].outputs
    assert (error.ename, error.evalue) == ("ZeroDivisionError", "division by zero")
    assert error.traceback == ["ZeroDivisionError: division by zero"]


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
    assert list(build.differs_elsewhere({"output_type": "display_data", "data": filled}))
    plain = {
        "output_type": "stream",
        "text": f"4.2 s at 100 % in notebooks/x.db, a/b and {build.ROOT.name}",
    }
    assert list(build.differs_elsewhere(plain)) == []


def test_given_ids_stay_and_double_ones_are_made_anew():
    from nbformat.v4 import new_code_cell

    def ids(*given):
        cells = [new_code_cell("x", id=name) for name in given]
        build.set_ids(cells)
        return [cell.id for cell in cells]

    assert ids("intro", "a-b") == ["intro", "a-b"]
    first, second, third = ids("same", "same", "same")
    assert first == "same" and len({first, second, third}) == 3
    assert ids("same", "same", "same") == [first, second, third]


def test_an_output_that_is_only_a_widget_goes_and_others_keep_their_text():
    from nbformat.v4 import new_output

    assert build.cleaned(new_output("display_data", {WIDGET: {"model_id": "1"}}), 1) is None
    kept = build.cleaned(
        new_output("execute_result", {WIDGET: {}, "text/plain": "slider"}, execution_count=9), 3
    )
    assert (dict(kept.data), kept.execution_count) == ({"text/plain": "slider"}, 3)


def test_a_notebook_that_no_tool_would_read_is_not_written(course):
    notebook = build.execute(write(course / "02_error.ipynb", "1"))
    notebook.cells[0]["cell_type"] = "prose"
    with pytest.raises(Exception, match="prose"):
        build.render(notebook)
    with pytest.raises(NotebookError, match="not readable as a notebook"):
        build.execute(course / "99_none.ipynb")
