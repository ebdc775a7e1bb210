"""The template of lesson 26: its acceptance tests tell sound desks from broken ones, by what they
do; a new project of it runs on its own.
"""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import SourceFileLoader
from pathlib import Path

# a test that runs pytest in this process forgets what it imported; these can't be loaded twice
import mcp.server  # noqa: F401
import pytest
import yaml
from anthropic.lib.tools import mcp as _mcp  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent / "capstone"))

from changes import FURTHER

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[1]
TEMPLATE, ANSWERS = ROOT / "examples" / "my_system", ROOT / "examples" / "my_system_answers"
SOUND = {
    "solution": ANSWERS / "solution.py",
    "another style": ROOT / "tests" / "capstone" / "another_style.py",
}
LEVELS = {
    1: ["test_answers", "test_gaps", "test_budget", "test_deadline"],
    2: ["test_faults", "test_trace", "test_mcp"],
    3: ["test_resume", "test_approval"],
}
TESTS = [test for tests in LEVELS.values() for test in tests]


def load(path):
    name = f"of_the_capstone_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


broken = load(ANSWERS / "broken.py")


def failures(said, words):
    """How many tests failed with these words: lines that begin so. In CI pytest doesn't cut the
    lines of its summary, which says them a second time.
    """
    return len(re.findall(rf"^{re.escape(words)}", said, re.M))


@pytest.fixture
def judge(pytester, monkeypatch):
    """Judges a desk, given as text or left as the template has it: which tests failed, and all that
    pytest said.
    """
    left_out = shutil.ignore_patterns(".venv", "__pycache__", ".pytest_cache", "wheels")
    shutil.copytree(TEMPLATE, pytester.path, ignore=left_out, dirs_exist_ok=True)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source=None, *arguments):
        if source is not None:
            (pytester.path / "my_system" / "desk.py").write_text(source, encoding="utf-8")
        plugins = ("-p", "pytest_mas_helpers", "-p", "pytest_timeout", "-p", "no:cacheprovider")
        # it runs in this process
        quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
        result = pytester.runpytest_inprocess(*plugins, *quiet, "-q", *arguments)
        said = result.stdout.str() + result.stderr.str()
        return set(re.findall(r"^FAILED \S+::(\w+)", said, re.M)), said

    return run


def test_an_empty_desk_is_red_and_each_test_says_what_to_write(judge):
    failed, said = judge()
    assert failed == set(TESTS) and "Traceback" not in said and "ERROR" not in said, said
    assert failures(said, "answer() isn't written yet: ask one worker for each document") == 8
    assert failures(said, "loan() isn't written yet: put the wish to a person") == 1
    assert "You're on the way to level 1. Next: test_answers." in said


def test_a_level_runs_its_own_tests_and_those_below(judge):
    _, said = judge(None, "--level", "1")
    assert "4 failed, 1 passed" in said and "test_faults" not in said, said


@pytest.mark.slow
@pytest.mark.parametrize(("name", "days"), [("solution", 500), ("another style", 40)])
def test_a_sound_desk_passes_whatever_its_style(judge, name, days):
    failed, said = judge(SOUND[name].read_text(encoding="utf-8"), f"--days={days}")
    assert failed == set() and "You've reached level 3." in said, said


@pytest.mark.slow
@pytest.mark.parametrize("name", broken.BROKEN)
def test_each_of_the_three_broken_desks_fails_one_test(judge, name):
    failed, said = judge(broken.BROKEN[name].source(), "--days=40")
    assert failed == {broken.BROKEN[name].fails}, said
    assert said.count('\nThe customer: "') == 1 and "Read again: lesson" in said, said


@pytest.mark.slow
@pytest.mark.parametrize("name", FURTHER)
def test_another_flaw_is_told(judge, name):
    expected, *changes = FURTHER[name]
    source = broken.Broken("", "", "", tuple(broken.Change(*one) for one in changes)).source()
    failed, said = judge(source, "--days=200", "-k", " or ".join(expected))
    assert failed == expected, said


def test_the_brief_names_each_test_and_its_level():
    page = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\|.*\| `(test_\w+)` \|$", page, re.M) == TESTS
    tests = (TEMPLATE / "tests" / "test_acceptance.py").read_text(encoding="utf-8")
    marked = re.findall(r"level\((\d)\)\ndef (\w+)", tests)
    assert marked == [(str(level), test) for level, tests in LEVELS.items() for test in tests]


@pytest.mark.slow
def test_a_recording_is_made_with_the_stand_in_and_replayed(judge, stand_in, monkeypatch):
    replies = yaml.safe_load((TEMPLATE / "replies.yaml").read_text(encoding="utf-8"))
    source = SOUND["solution"].read_text(encoding="utf-8")
    _, said = judge(source, "tests/test_recorded.py", "-rs")
    assert "1 skipped" in said and "README.md says how, under 'Record it'" in said, said
    with stand_in(entries=replies) as url, monkeypatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", url)
        patch.setenv("ANTHROPIC_API_KEY", "none")
        patch.setenv("MAS_MODE", "record")
        _, said = judge(source, "tests/test_recorded.py")
    assert f"recorded: recordings{os.sep}cello.yaml" in said, said
    failed, said = judge(source, "tests/test_recorded.py")
    assert failed == set() and "1 passed" in said, said


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """What `start.py new` makes: the folder `my_desk`, for the Python that runs these tests."""
    loader = SourceFileLoader("start_for_new", str(ROOT / "start.py"))
    start = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(start)
    start.PYTHON, start.set_up = Path(sys.executable), lambda: None
    folder = tmp_path_factory.mktemp("own") / "my_desk"
    assert start.new(str(folder)) == 0
    return folder


def run_in(project, *command, **variables):
    """The command's exit code, and what it said, in another process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAS_")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=project,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_new_project_is_red_and_green_after_the_solution_is_pasted(project):
    assert not [path for path in project.rglob("*my_system*")]
    code, said = run_in(project, sys.executable, "-m", "pytest", "--level", "1")
    assert code == 1 and failures(said, "answer() isn't written yet") == 4, said
    shutil.copy(SOUND["solution"], project / "my_desk" / "desk.py")
    code, said = run_in(project, sys.executable, "-m", "pytest", "-k", "answers or mcp or approval")
    assert code == 0 and "3 passed" in said, said


@pytest.mark.slow
def test_what_its_ci_runs_installs_it_and_tests_it(project, tmp_path):
    """In an environment that sees what's installed here: nothing is asked of the network."""
    text = (project / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    install, test = [shlex.split(step["run"]) for step in job["steps"] if "run" in step]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    bin_folder = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / Path(sys.executable).name
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    (site / "here.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    assert install[0] == test[0] == "python"
    offline = ["--no-index", "--no-build-isolation"]
    code, said = run_in(project, python, *install[1:], *offline)
    assert code == 0 and (site / "mas_helpers").is_dir(), said
    shutil.copy(SOUND["solution"], project / "my_desk" / "desk.py")
    code, said = run_in(project, python, *test[1:], "-k", "answers")
    assert code == 0 and "1 passed" in said, said
