"""The frameworks of lesson 24: the course's orchestrator and the SDK's send the same requests, and
the measured file says what the code beside it is.
"""

import ast
import importlib.util
import json
import re
import sys

import pytest


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measuring(request):
    return load(request.config.rootpath / "benchmarks" / "frameworks.py", "measuring_frameworks")


@pytest.fixture(scope="module")
def served(measuring):
    """Asks a framework through the benchmark's server: what came of it, and what was asked."""
    with measuring.model() as url:

        def ask(name, python=None, **rules):
            measuring.ask(f"{url}/{name}/control", rules)
            found = measuring.run_child(name, "answer", f"{url}/{name}", python)
            return found, measuring.ask(f"{url}/{name}/seen")

        yield ask


@pytest.fixture(scope="module")
def measured(request):
    path = request.config.rootpath / "benchmarks" / "frameworks.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(request):
    return request.config.rootpath / "examples" / "frameworks"


def lines_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def test_the_course_and_the_sdk_send_the_same_requests(served):
    asked = {}
    for name in ("raw_sdk", "course"):
        found, seen = served(name, sys.executable)
        assert found["outcome"] == "answer" and "180 is left over" in found["text"], found
        asked[name] = sorted((one["kind"], one["path"], one["bytes"]) for one in seen)
    assert asked["course"] == asked["raw_sdk"]
    kinds = [kind for kind, *_ in asked["raw_sdk"]]
    assert kinds == ["code", "data", "planner", "summary", "synthesizer"]


def test_the_course_names_the_gap_and_a_bare_gather_raises(measuring, served):
    found, seen = served("course", sys.executable, fail=[400, 99])
    assert found["outcome"] == "answer" and "can't tell whether it paid" in found["text"]
    assert measuring.read_instead(seen).startswith("Missing: ")
    found, seen = served("raw_sdk", sys.executable, fail=[400, 99])
    assert found["outcome"] == "exception" and found["text"].startswith("BadRequestError")


def test_the_framework_answers_where_its_venv_is(measuring, served, folder):
    there = [
        name for name in measuring.examples.NAMES if measuring.examples.python_of(name).exists()
    ]
    if not there:
        pytest.skip("no framework is set up: python examples/frameworks/run.py setup")
    for name in there:
        found, _ = served(name)
        assert found.get("outcome") == "answer" and "180 is left over" in found["text"], (
            name,
            found,
        )


def test_the_prompts_are_those_of_lesson_07(home, folder, monkeypatch):
    monkeypatch.syspath_prepend(home / "notebooks")
    pool = load(home / "notebooks" / "pool.py", "pool_of_lesson_07")
    ours = load(folder / "shared" / "prompts.py", "prompts_of_the_frameworks")
    program = load(home / "notebooks" / "agents.py", "agents_of_lesson_07")
    _, workers = pool.build_team(client=None)
    assert ours.QUESTION == program.QUESTION
    assert {kind: agent.system for kind, agent in workers.items()} == ours.WORKERS
    assert [pool.PLAN, pool.MERGE] == [ours.PLAN, ours.MERGE]
    assert {agent.model for agent in workers.values()} == {ours.SONNET}
    assert {agent.max_tokens for agent in workers.values()} == {ours.MAX_TOKENS}


def test_every_framework_has_its_files(measuring, folder):
    names = {path.parent.name for path in folder.glob("*/orchestrator.py")}
    assert names == set(measuring.examples.NAMES)
    for name in names:
        files = {path.name for path in (folder / name).iterdir() if path.is_file()}
        assert files == {"orchestrator.py", "bench.py", "requirements.txt", "constraints.txt"}


def test_requirements_and_constraints_name_exact_versions(measuring, folder):
    for name in measuring.examples.NAMES:
        pinned = dict(line.split("==") for line in lines_of(folder / name / "constraints.txt"))
        pins = {key.lower().replace("_", "-"): version for key, version in pinned.items()}
        for line in lines_of(folder / name / "requirements.txt"):
            if line != ".":
                package, version = re.sub(r"\[.*\]", "", line).split("==")
                assert pins[package.lower().replace("_", "-")] == version, (name, line)


def test_the_measured_versions_are_the_required_ones(measured, folder):
    for name, row in measured["rows"].items():
        required = {
            re.sub(r"\[.*\]", "", package).lower(): version
            for line in lines_of(folder / name / "requirements.txt")
            if line != "."
            for package, version in [line.split("==")]
        }
        found = {key.lower(): version for key, version in row["versions"].items()}
        assert required.items() <= found.items(), name


def test_the_table_is_what_the_file_says(measuring, measured):
    sections = measuring.report.read_sections(measuring.report.README.read_text(encoding="utf-8"))
    assert sections["frameworks"] == measuring.section_of(measured["rows"])


def test_the_measured_lines_are_the_files_lines(measuring, measured, folder):
    for name, row in measured["rows"].items():
        assert row["lines"] == measuring.count_lines(folder / name / "orchestrator.py"), name


def holes(value, path=()):
    """Where in a row a null is."""
    if value is None:
        yield path
    for key, one in value.items() if isinstance(value, dict) else ():
        yield from holes(one, (*path, key))


def test_what_was_not_measured_is_null_and_says_why(measuring, measured):
    columns = {"title", "date", "machine", "rounds", "not_measured", *measuring.COLUMNS}
    for name, row in measured["rows"].items():
        assert set(row) == columns, name
        reasons = row["not_measured"]
        for path in holes(row):
            exception = row["failures"] and path[-1] in ("gap_named", "read_instead")
            whole = path[0] == "failures" and exception  # there's no answer to look at
            assert whole or any(key.split(",")[0] == path[0] for key in reasons), (name, path)
        assert all(reasons.values()), name


def test_each_failure_says_what_came_of_it(measuring, measured):
    for name, row in measured["rows"].items():
        for case, found in (row["failures"] or {}).items():
            if found is None:
                continue
            assert case in measuring.FAILURES and found["tries"] >= 1, (name, case)
            if found["outcome"] == "exception":
                assert found["gap_named"] is None and re.match(r"\w+: ", found["text"])
            else:
                assert found["outcome"] == "answer" and found["text"]
                assert found["gap_named"] in (None, bool(found["read_instead"]))


def test_read_instead_finds_what_stands_in_place_of_the_figures(measuring):
    def seen(part):
        task = "Task: Add up June's early visits. What is left over?"
        prompt = f"Question: Did it pay?\n\n{task}\n{part}\n\nTask: Which points?\nShowers."
        body = {"messages": [{"role": "user", "content": [{"type": "text", "text": prompt}]}]}
        return [{"kind": "synthesizer", "asked": json.dumps(body)}]

    assert measuring.read_instead(seen("84 + 112 + 131 + 153 = 480")) is None
    assert measuring.read_instead(seen("Missing: refused")) == "Missing: refused"
    assert measuring.read_instead(seen("")) == ""
    assert measuring.read_instead([]) == ""


def test_lines_are_those_that_hold_code(measuring, tmp_path):
    path = tmp_path / "some.py"
    path.write_text(
        '"""Two\nlines."""\n\n# a comment\nTEXT = """one\n\ntwo"""\n\n\n'
        'def call():\n    """Says so."""\n    return [  # here\n        1,\n    ]\n',
        encoding="utf-8",
    )
    assert measuring.count_lines(path) == 3 + 1 + 3


def test_the_package_imports_no_framework(home):
    frameworks = {"langgraph", "langchain_core", "pydantic_ai", "agents", "agno", "crewai"}
    frameworks |= {"agent_framework", "google", "smolagents"}
    for package in ("mas_helpers", "mas_stand_in"):
        for path in (home / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names.append(node.module)
                assert not {name.split(".")[0] for name in names} & frameworks, path
