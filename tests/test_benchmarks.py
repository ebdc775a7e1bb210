"""benchmarks/README.md: a section for each script, with figures that the script wrote. None of them
is run here.
"""

import importlib.util
import json
import re
import subprocess
import sys

import pytest
import report

README = report.README.read_text(encoding="utf-8")
SECTIONS = report.read_sections(README)
SCRIPTS = sorted(
    path.stem
    for path in report.README.parent.glob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


def test_each_script_has_a_section_with_its_command_and_a_place_for_its_figures():
    assert "bench" in SCRIPTS and "report" not in SCRIPTS
    assert set(SCRIPTS) <= set(SECTIONS)
    headings = re.findall(r"^## (\w+): ", README, re.MULTILINE)
    assert headings == list(SECTIONS)
    assert README.count("<!-- ") == 2 * len(SECTIONS)  # no marker that nothing reads
    for part in README.split("\n## ")[1:]:
        name = part.split(":")[0]
        assert f"    python benchmarks/{name}.py" in part and report.markers_of(name)[0] in part


@pytest.mark.parametrize("name", SECTIONS)
def test_figures_say_when_and_where_or_that_there_are_none(name):
    figures = SECTIONS[name]
    if figures == report.NOT_RUN:
        assert not re.search(r"\d", figures)
        return
    where, code = figures.split("\n\n", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d: .*\d+ cores, \w+, Python 3\.\d+\.\d+.*\.", where)
    assert code.startswith("```text\n") and code.endswith("\n```")
    assert not re.search(r"(?:^|\s)(?:/\w+){2,}|[A-Z]:\\", figures)  # no path of a machine


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_writes_its_section_by_the_same_option(script):
    """`--help` measures nothing."""
    path = report.README.with_name(f"{script}.py")
    command = [sys.executable, path, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0 and "--write" in done.stdout


def test_a_report_replaces_its_own_section_and_no_other(tmp_path, monkeypatch, capsys):
    path = tmp_path / "README.md"
    path.write_text(README, encoding="utf-8")
    monkeypatch.setattr(report, "README", path)
    monkeypatch.setattr(sys, "argv", ["/somewhere/benchmarks/steps.py", "--write"])
    found = report.Report("steps")
    found.print("journal: 3.01 ms a step")
    found.save()
    assert capsys.readouterr().out == "journal: 3.01 ms a step\n"
    sections = report.read_sections(path.read_text(encoding="utf-8"))
    assert {**SECTIONS, "steps": sections["steps"]} == sections
    where, _, code = sections["steps"].partition("\n\n")
    assert where == report.machine_line(found.about)
    command = "python benchmarks/steps.py --write"
    assert code == f"```text\n{command}\njournal: 3.01 ms a step\n```"
    with pytest.raises(KeyError, match="no markers"):
        report.Report("nobody").save()


def test_the_table_of_scale_out_is_what_its_file_says():
    path = report.README.with_name("scale_out.py")
    spec = importlib.util.spec_from_file_location("scale_out", path)
    scale_out = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scale_out)
    runs = json.loads(scale_out.RESULTS.read_text(encoding="utf-8"))["runs"]
    assert SECTIONS["scale_out"] == scale_out.section_of(runs)


def test_lesson_19_says_what_a_step_cost_when_it_was_measured():
    figures = SECTIONS["steps"]
    journal, dbos = re.findall(r"^(?:journal|DBOS): +(\d+\.\d+) ms a step$", figures, re.MULTILINE)
    (added,) = re.findall(r"^DBOS adds \d+ packages, (\d+ MB)", figures, re.MULTILINE)
    lesson = report.README.parents[1] / "notebooks" / "19_resume.ipynb"
    said = (
        f"A step costs {float(journal):.0f} ms on the journal and {float(dbos):.0f} ms on DBOS"
        f" with SQLite, and DBOS adds {added} (`benchmarks/steps.py`, {figures[:10]}, "
    )
    assert said in lesson.read_text(encoding="utf-8")


def test_lesson_16_says_what_a_viewer_took_when_it_was_measured():
    figures = SECTIONS["viewer"]
    size = r"^arize-phoenix (\d+\.\d+)\.\d+: \d+ packages, (\d+) MB$"
    [(version, megabytes)] = re.findall(size, figures, re.MULTILINE)
    (memory,) = re.findall(r"with (\d+) MB of memory$", figures, re.MULTILINE)
    lesson = report.README.parents[1] / "notebooks" / "16_observability.ipynb"
    said = (
        f"Phoenix {version} (`arize-phoenix`: {megabytes} MB, and {memory} MB of memory;"
        f" `benchmarks/viewer.py`, {figures[:10]})"
    )
    assert said in lesson.read_text(encoding="utf-8")
