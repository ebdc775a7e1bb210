"""The papers of the project say what is so: changelog, citation, hooks, templates."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mas_helpers
from mas_helpers import agents, bench, course, pictures

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSIONS = re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.M)
RENAMED = re.findall(r"^\| `(\w+)` \| `(\w+)` \|$", CHANGELOG, re.M)
ROOMS = (agents, bench, course, pictures)


def test_the_changelog_begins_with_this_version_and_goes_back_in_time():
    headings = re.findall(r"^## (\S+)", CHANGELOG, re.M)
    released = headings[1:] if headings[0] == "Unreleased" else headings
    assert released[0] == mas_helpers.__version__
    assert len(VERSIONS) == len(released)
    dates = [date for _, date in VERSIONS]
    assert dates == sorted(dates, reverse=True)


def test_every_new_name_of_the_changelog_is_at_a_door_and_no_old_one_is():
    names = set(mas_helpers.__all__).union(*(room.__all__ for room in ROOMS))
    assert len(RENAMED) > 30
    assert {new for _, new in RENAMED} <= names
    assert {old for old, _ in RENAMED}.isdisjoint(names)


def test_the_citation_names_this_version_its_date_and_the_course():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["date-released"]) == VERSIONS[0]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {citation['title']}\n")
    assert citation["cff-version"] == "1.2.0" and citation["message"] and citation["authors"]
    assert citation["license"] == "MIT"


HOOKS = [
    hook
    for repository in yaml.safe_load(
        (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    )["repos"]
    for hook in repository["hooks"]
]


def test_hooks_fetch_nothing():
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert "http" not in (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_command_of_a_hook_passes_here(hook):
    python, *command = hook["entry"].split()
    assert python == "python"
    files = [] if hook.get("pass_filenames") is False else ["start.py", "mas_helpers"]
    done = subprocess.run(
        [sys.executable, *command, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dependabot_watches_what_is_there():
    settings = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    assert settings["version"] == 2
    watched = {update["package-ecosystem"] for update in settings["updates"]}
    assert watched == {"pip", "github-actions"}
    for update in settings["updates"]:
        assert update["directory"] == "/" and update["schedule"]["interval"] == "weekly"


@pytest.mark.parametrize("name", ["lesson", "package"])
def test_an_issue_form_has_what_github_needs(name):
    path = ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml"
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"]
    ids = [part["id"] for part in form["body"]]
    assert len(set(ids)) == len(ids)
    assert {part["type"] for part in form["body"]} <= {"input", "textarea"}
    assert all(part["attributes"]["label"] for part in form["body"])


@pytest.mark.parametrize("name", ["SECURITY.md", "CITATION.cff", "CHANGELOG.md", "LICENSE"])
def test_nobodys_address_is_made_up(name):
    assert "@" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_its_links_lead_somewhere(name):
    text = re.sub(r"`[^`]*`", "", (ROOT / name).read_text(encoding="utf-8"))  # not an example
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target


PAGES = ["docs/architecture.md", "docs/architecture.svg"]


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_the_page_on_architecture_names_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:bench|agents|pictures|course)/[\w/]+\.py", text))
    assert len(named) >= 8
    assert {name for name in named if not (ROOT / "mas_helpers" / name).is_file()} == set()


def test_the_page_on_architecture_shows_its_drawing_and_names_what_is_at_the_top():
    text = (ROOT / PAGES[0]).read_text(encoding="utf-8")
    assert "](architecture.svg)" in text
    for path in re.findall(r"`((?:mas_|pytest_|tests/)[\w/.]+)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_a_door_names_every_module_of_its_room(room):
    (folder,) = map(Path, room.__path__)
    modules = {
        path.stem
        for path in folder.rglob("*.py")
        if path.stem != "__init__" and not path.stem.startswith(".")
    } | {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}
    words = set(re.findall(r"\w+", room.__doc__))
    assert modules - words == set()


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_what_a_lesson_consists_of_is_there():
    table = CONTRIBUTING.split("| file |")[1].split("\n\n")[0]
    files = re.findall(r"^\| `([^`]+)` \|", table, re.M)
    assert len(files) >= 10
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_every_command_for_contributors_names_files_that_exist():
    commands = re.findall(r"python3? (?:-m pytest )?((?:[\w/]+\.py ?)+)", CONTRIBUTING)
    named = {file for command in commands for file in command.split()}
    assert named >= {"start.py", "tools/build.py", "tests/test_lessons.py"}
    assert [file for file in named if not (ROOT / file).is_file()] == []
    for lesson in re.findall(r"python tools/build\.py (\d\d)", CONTRIBUTING):
        assert list((ROOT / "notebooks").glob(f"{lesson}_*.ipynb"))
