"""What every lesson keeps: run in order, exports equal to the package, solutions that pass, checks
that tell.
"""

import ast
import gc
import json
import re
import statistics
from pathlib import Path

import minutes
import pytest
from answers import calls, unfolded

from mas_helpers import connect
from mas_helpers.course.exercises import Checks, load
from mas_helpers.course.notebooks import read_notebook

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
# What each lesson builds, in order: the cells tagged `export`.
EXPORTS = {
    "00_start_here": [],
    "01_agent": ["text_of", "ensure_complete", "parse_reply", "Agent"],
    "02_router": ["RouteResult", "route"],
    "03_parallel": ["fan_out"],
    "04_pipeline": ["stage_prompt", "PipelineStopped", "run_pipeline"],
    "05_aggregator": [
        "Quote",
        "Finding",
        "Contradiction",
        "Report",
        "find_unfounded",
        "find_left_out",
        "find_untraced",
        "aggregate",
    ],
    "06_planner": [
        "Subtask",
        "Plan",
        "plan_problems",
        "make_plan",
    ],
    "07_orchestrator": [
        "SubtaskResult",
        "run_subtask",
        "synthesis_prompt",
        "orchestrate",
    ],
    "08_tools": [],
    "09_sources": [
        "build_index",
        "search_index",
        "Fact",
        "Notes",
        "find_unsupported",
    ],
    "10_fact_checker": [
        "find_uncited",
        "FactCheck",
        "Draft",
        "fact_check",
        "revision_prompt",
    ],
    "11_coordinator": [
        "research_topic",
        "write_and_check",
    ],
    "12_errors": [],
    "13_deadlines": ["outcome_of", "try_twice", "with_deadline"],
    "14_failure_injection": [],
    "15_timing_tests": [],
    "16_observability": ["numbers_in", "blame"],
    "17_cost": ["spent_by"],
    "18_memory": ["newest", "look_up"],
    "19_resume": ["DurableAgent"],
    "20_approval": ["tasks_so_far"],
    "21_mcp": ["fingerprint", "untrusted", "handoff"],
    "26_capstone": [],
    "25_scale_out": ["next_turn", "TokenBucket", "run_batch"],
    "22_evaluation": ["wilson", "kappa", "paired_bootstrap", "is_drop"],
    "23_providers": ["usage_of", "parse_until_valid"],
    "24_frameworks": [],
}


@pytest.fixture(params=LESSONS)
def lesson(request):
    return request.param


@pytest.fixture
def notebook(home, lesson):
    return read_notebook(home / "notebooks" / f"{lesson}.ipynb")


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def prose(notebook):
    """What everybody reads: not the folded answers."""
    return "\n\n".join(
        source(cell) for cell in unfolded(notebook) if cell["cell_type"] == "markdown"
    )


def test_every_code_cell_was_executed_in_order(notebook):
    assert [cell["execution_count"] for cell in code(notebook)] == list(
        range(1, len(code(notebook)) + 1)
    )


def test_cells_are_small(notebook):
    sizes = [len(source(cell).splitlines()) for cell in code(notebook)]
    assert max(sizes) <= 25
    assert statistics.median(sizes) <= 4


def test_an_error_in_a_cell_is_there_on_purpose(notebook):
    for cell in code(notebook):
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            assert "raises-exception" in cell["metadata"].get("tags", []), source(cell)


def test_exported_definitions_are_those_of_the_package(home, notebook):
    package = {}
    for path in (home / "mas_helpers").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if hasattr(node, "name"):
                package[node.name] = ast.dump(node)
    for cell in code(notebook):
        if "export" in cell["metadata"].get("tags", []):
            for node in ast.parse(source(cell)).body:
                assert ast.dump(node) == package[node.name], (
                    f"{node.name} differs from the package's"
                )


def test_a_lesson_exports_what_it_builds(lesson, notebook):
    exports = [cell for cell in code(notebook) if "export" in cell["metadata"].get("tags", [])]
    assert [node.name for cell in exports for node in ast.parse(source(cell)).body] == EXPORTS[
        lesson
    ]


def test_every_definition_is_used_by_another_cell_or_line(notebook):
    cells = [source(cell) for cell in code(notebook)]
    everything = "\n".join(cells)
    for node in ast.parse(
        "\n".join(re.sub(r"(?m)^(\s*)await ", r"\1", re.sub("= await ", "= ", c)) for c in cells)
    ).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            used = re.findall(rf"(?<!def )(?<!class )\b{node.name}\b", everything)
            assert used, f"{node.name} is never used"


def test_links_lead_somewhere(home, notebook):
    for target in re.findall(r"\]\(([^)#]+)", prose(notebook)):
        if not target.startswith("http"):
            # a file, for a folder is no page of the site
            assert (home / "notebooks" / target).is_file(), target


def test_every_lesson_opens_in_the_same_way(lesson, notebook):
    parts = (rf"# {lesson[:2]} · .+", r"\*\*The question:\*\* .+", r"\*\*You will( build)?\*\* .+")
    last = r"\*\*Minutes:\*\* \d+ to read, \d+ to practise\. \*\*From before:\*\* .+"
    assert re.match("\n\n".join([*parts, last]), source(notebook["cells"][0]))


def test_the_exercises_begin_with_a_heading_of_their_own_and_then_the_checks(lesson, notebook):
    cells = [source(cell) for cell in notebook["cells"]]
    (begins,) = [place for place, cell in enumerate(cells) if "## Exercises" in cell]
    assert cells[begins].startswith("## Exercises")
    assert cells[begins + 1] == f'from mas_helpers import checks\n\ncheck = checks("{lesson}")'
    assert cells[begins + 2].startswith("**Exercise 1.** ")


def test_every_lesson_closes_with_its_claims_and_the_way_on(lesson, notebook):
    heading, *claims, way = source(notebook["cells"][-1]).split("\n\n")
    assert heading == "## You can now claim"
    assert claims and all(
        re.fullmatch(r"\*\*.+\.\*\* How you know: .+\.", claim) for claim in claims
    )
    place = LESSONS.index(lesson)
    before, after = LESSONS[:place][-1:], LESSONS[place + 1 :][:1]
    expected = "".join(f"**Before this:** {linked(name)}. " for name in before)
    expected += "".join(f"**Next:** {linked(name)}" for name in after) or "**Next:** "
    assert way.startswith(expected) and len(way) > len(expected) + 1 and way.endswith(".")


def linked(lesson):
    return f"[{lesson.replace('_', ' ')}]({lesson}.ipynb)"


def test_no_dollars_turn_words_into_mathematics(notebook):
    """JupyterLab sets what stands between two bare `$` of a cell as a formula."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            words = re.sub(r"```.*?```|`[^`]*`", "", source(cell), flags=re.S)
            assert len(re.findall(r"(?<!\\)\$", words)) < 2, words


def test_the_reader_predicts(notebook):
    guesses = [cell for cell in code(notebook) if minutes.is_guess(cell)]
    assert guesses
    assert all(len(ast.parse(source(cell)).body) == 1 for cell in guesses)


def test_the_reading_time_is_as_counted(notebook):
    assert minutes.stated(notebook) == pytest.approx(minutes.counted(notebook), abs=2)


def test_a_lesson_fits_in_one_sitting(notebook):
    assert minutes.counted(notebook) <= minutes.LONGEST
    guesses = [cell for cell in code(notebook) if minutes.is_guess(cell)]
    assert len(guesses) <= 8


def test_what_a_guess_is_compared_with_is_shown(notebook):
    """A `reveal` inside a block isn't the last line of its cell, so nothing shows it."""
    told = [cell for cell in code(notebook) if ".reveal(" in source(cell)]
    assert [cell["outputs"] for cell in told if not cell["outputs"]] == []


def test_a_lesson_shows_something_soon_and_a_picture_within_ten_cells(notebook):
    shown = ["".join(map(str, cell["outputs"])) for cell in code(notebook)]
    silent = next(place for place, outputs in enumerate(shown) if outputs)
    assert silent <= 5
    assert any("data:image/svg+xml" in outputs for outputs in shown[:10])


# a script ends with its client open, and its socket is closed by the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_program_for_home_asks_the_api_with_nothing_but_a_key(
    home, stand_in, capsys, monkeypatch
):
    notebook = read_notebook(home / "notebooks" / "00_start_here.ipynb")
    program = re.search(r"```python\n(import asyncio.*?)```", prose(notebook), re.S)[1]
    assert "mas_helpers" not in program
    with stand_in([home / "tools" / "replies" / "00_start_here.yaml"]) as base_url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
        exec(compile(program, "first_call.py", "exec"), {})
        gc.collect()
    assert capsys.readouterr().out.startswith("An agent is a program")


def test_the_note_quoted_in_the_first_lesson_is_the_one_that_is_shown(home, capsys, monkeypatch):
    monkeypatch.chdir(home / "notebooks")
    notebook = json.loads((home / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    quoted = re.search(r"^> (Note: .*)$", prose(notebook), re.M).group(1)
    question = re.search(r"change the question to \*(.+?)\*", prose(notebook)).group(1)
    from mas_helpers import HAIKU, run

    client = connect("00_start_here", strict=False)
    message = {"role": "user", "content": question}
    run(client.messages.create(model=HAIKU, max_tokens=1000, messages=[message]))
    assert capsys.readouterr().err.strip() == quoted


def blanks(notebook):
    """The exercises: what each check is called with, in the state in which the reader finds it."""
    return [call for cell in notebook["cells"] for call in calls(cell)]


@pytest.mark.slow
def test_every_solution_passes_its_check(home, lesson, notebook, monkeypatch):
    monkeypatch.chdir(home / "notebooks")
    check = Checks(load(home / "notebooks" / "exercises" / lesson / "checks.py"))
    solutions = load(home / "notebooks" / "exercises" / lesson / "solutions.py")
    names = blanks(notebook)
    assert 2 <= len(names) <= 4
    for name, argument in names:
        answer = getattr(solutions, argument, None)
        if argument == "my_reply":
            answer = recorded_reply()
        result = getattr(check, name)(answer)
        assert result.passed, str(result)


def recorded_reply():
    from mas_helpers import HAIKU, run

    client = connect("00_start_here", strict=False)
    return run(
        client.messages.create(
            model=HAIKU, max_tokens=1000, messages=[{"role": "user", "content": "anything"}]
        )
    )


def test_every_untouched_blank_says_not_tried_yet(notebook):
    for cell in code(notebook):
        if re.search(r"^check\.\w+\(", source(cell), re.M):
            (shown,) = [output["data"]["text/plain"] for output in cell["outputs"]]
            assert "".join(shown).endswith(": not tried yet")


def test_what_belongs_to_an_exercise_stands_together_and_the_file_list_is_short(home):
    folders = {
        path.name for path in NOTEBOOKS.iterdir() if path.is_dir() and path.name[0] not in "._"
    }
    assert folders - {"progress"} == {"corpus", "exercises", "images", "recordings", "skills"}
    assert sorted(path.name for path in NOTEBOOKS.glob("exercises/*")) == LESSONS
    for lesson in LESSONS:
        files = {path.name for path in NOTEBOOKS.glob(f"exercises/{lesson}/*.py")}
        assert files == {"checks.py", "solutions.py", "wrong_answers.py"}


def test_every_check_is_tried_with_wrong_answers(home):
    """tests/test_checks*.py hold them; here: none is forgotten."""
    tried = "".join(
        path.read_text(encoding="utf-8") for path in (home / "tests").glob("test_checks*.py")
    )
    for lesson in LESSONS:
        for name in dir(Checks(load(home / "notebooks" / "exercises" / lesson / "checks.py"))):
            assert f'"{lesson}", "{name.removeprefix("check_")}"' in tried, (
                f"{lesson}: {name} has no wrong answer"
            )


def test_no_lesson_knows_the_mode(notebook):
    for cell in code(notebook):
        assert "MAS_MODE" not in source(cell) and "mode=" not in source(cell)
