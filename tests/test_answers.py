"""The folded answers of each lesson: all there, as the files say, the wrong ones wrong and the code
whole.
"""

import ast
import builtins
import json

import answers
import pytest

from mas_helpers.course.notebooks import read_notebook

LESSONS = [path.stem for path in sorted((answers.ROOT / "notebooks").glob("[0-9]*.ipynb"))]


@pytest.fixture(params=LESSONS)
def path(request, home):
    return home / "notebooks" / f"{request.param}.ipynb"


@pytest.fixture
def notebook(path):
    return read_notebook(path)


def test_the_answers_below_each_check_are_those_of_the_files(path, notebook):
    stored = [cell["source"] for cell in notebook["cells"]]
    answers.fold_in(path, notebook)
    assert [cell["source"] for cell in notebook["cells"]] == stored, (
        "Run tools/build.py --outputs-only"
    )


def test_every_wrong_answer_is_wrong_and_is_told_why(path, notebook):
    found = list(answers.answers(path, notebook))
    assert found
    for answer in found:
        verdict = answers.grade(path, answer.exercise, answer.argument)
        assert verdict.startswith(f"{answer.exercise}: ✗ ") and "  hint:  " in verdict, verdict
        assert answer.ask_back.endswith("?"), answer.ask_back


def test_shown_code_imports_only_what_it_uses(path, notebook):
    for answer in answers.answers(path, notebook):
        for code in (answer.wrong, answer.solution):
            nodes = list(ast.walk(ast.parse(code)))
            used = {node.id for node in nodes if isinstance(node, ast.Name)}
            imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
            assert {name for node in imports for name in answers.names_of(node)} <= used


def test_shown_code_is_whole_and_short(path, notebook):
    for answer in answers.answers(path, notebook):
        for code in (answer.wrong, answer.solution):
            assert len(code.splitlines()) <= 30 and max(map(len, code.splitlines())) <= 120
            tree = ast.parse(code)
            bound = {name for node in ast.walk(tree) for name in answers.names_of(node)}
            bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
            bound |= {
                n.id
                for n in ast.walk(tree)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            bound |= {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ExceptHandler) and node.name
            }
            used = {
                n.id
                for n in ast.walk(tree)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
            }
            assert used <= bound | set(dir(builtins)), (
                f"{answer.exercise}: {used - bound - set(dir(builtins))}"
            )


def test_folding_twice_changes_nothing_and_loses_no_cell(home):
    path = home / "notebooks" / "03_parallel.ipynb"
    notebook = read_notebook(path)
    before = answers.unfolded(notebook)
    answers.fold_in(path, notebook)
    once = json.dumps(notebook)
    answers.fold_in(path, notebook)
    assert json.dumps(notebook) == once
    assert answers.unfolded(notebook) == before


def test_a_missing_answer_is_said(tmp_path):
    file = tmp_path / "03_parallel.py"
    file.write_text("def other(): pass\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no two_at_a_time"):
        answers.code_of(file, "two_at_a_time")
    with pytest.raises(ValueError, match="says why, and then"):
        answers.split_docstring("03_parallel", "two_at_a_time", "Only why.")
