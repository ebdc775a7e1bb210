"""environment.yml, pyproject.toml and constraints.txt say the same thing."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if line.strip()
]
DIRECT = [
    Requirement(text)
    for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for text in group
    if not text.startswith(f"{PROJECT['name']}[")  # an extra that takes in another one
]


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_conda_makes_exactly_python_3_12_and_the_package_allows_it():
    assert CONDA["dependencies"][0] == "python=3.12"
    assert SpecifierSet(PROJECT["requires-python"]).contains("3.12")


def test_conda_takes_nothing_from_the_default_channels():
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]


def test_conda_installs_the_course_at_the_tested_versions():
    assert "pip" in CONDA["dependencies"]
    assert CONDA["dependencies"][-1] == {"pip": ["-c constraints.txt", "-e .[course]"]}
    assert "course" in PROJECT["optional-dependencies"]


@pytest.mark.parametrize("needed", DIRECT, ids=str)
def test_a_direct_dependency_is_pinned_once_and_within_its_range(needed):
    (pin,) = [pin for pin in PINS if normal(pin.name) == normal(needed.name)]
    (exact,) = pin.specifier
    assert exact.operator == "==" and "*" not in exact.version
    assert pin.marker is None, "a direct dependency is installed on every machine"
    assert needed.specifier.contains(exact.version, prereleases=True)


def test_every_pin_is_exact():
    assert [str(pin) for pin in PINS if [part.operator for part in pin.specifier] != ["=="]] == []


def test_a_codespace_is_set_up_by_start_py_and_finds_the_python_that_it_made():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    image, version = made["image"].rsplit(":", 1)
    assert image.endswith("/devcontainers/python")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    python, script, command = made["postCreateCommand"].split()
    assert (python, script) == ("python3", "start.py")
    spec = importlib.util.spec_from_file_location("start_for_a_codespace", ROOT / script)
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    assert start.parse([command]).command == "setup"
    wanted = made["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    venv = start.VENV.relative_to(ROOT).as_posix()
    assert wanted == f"${{containerWorkspaceFolder}}/{venv}/bin/python"


def test_the_readme_says_how_to_open_the_course_with_nothing_installed():
    readme = (ROOT / "README.md").read_text("utf-8")
    for words in ("Create codespace", ".devcontainer/devcontainer.json", "mybinder.org"):
        assert words in readme
    assert "img.shields.io" not in readme and "badge" not in readme  # none that we could know true


@pytest.mark.parametrize("name", ["environment.yml", "constraints.txt"])
def test_no_address_of_a_registry_is_written_down(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text and "index-url" not in text and "find-links" not in text
