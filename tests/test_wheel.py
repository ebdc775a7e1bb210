"""What `pip install .` brings: the packages alone, their licence, types and commands, and true
metadata.
"""

import configparser
import email
import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

import mas_helpers

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
PACKAGES = ["mas_helpers", "mas_stand_in"]
COMMANDS = {"mas-helpers": "python -m mas_helpers", "mas-stand-in": "python -m mas_stand_in"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr  # a classifier that nobody knows is an error here
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture(scope="module")
def information(wheel):
    """The folder that says whose wheel this is."""
    (folder,) = wheel.glob("*.dist-info")
    return folder


@pytest.fixture(scope="module")
def metadata(information):
    return email.message_from_bytes((information / "METADATA").read_bytes())


def test_it_holds_every_module_of_the_packages_and_nothing_of_the_course(wheel):
    packed = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert modules | {"pytest_mas_helpers.py"} == {
        name for name in packed if ".dist-info/" not in name
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_editors_find_its_types(wheel, package):
    assert (wheel / package / "py.typed").read_bytes() == b""


def test_its_version_is_the_packages(metadata):
    assert metadata["Version"] == mas_helpers.__version__


def test_it_carries_the_licence_that_it_names(information, metadata):
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    packed = (information / "licenses" / "LICENSE").read_text(encoding="utf-8")
    assert packed == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_its_classifiers_name_the_pythons_that_the_workflow_tests(metadata):
    python = "Programming Language :: Python :: 3."
    minors = {
        line.removeprefix(python)
        for line in metadata.get_all("Classifier")
        if line.startswith(python)
    }
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    tested = ", ".join(f'"3.{minor}"' for minor in sorted(minors))
    assert f"python: [{tested}]" in workflow
    assert metadata["Requires-Python"] == f">=3.{min(minors)}"


def test_its_page_in_an_index_is_the_readme(metadata):
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True).decode() == (ROOT / "README.md").read_text("utf-8")


def entry_points(information, group):
    file = configparser.ConfigParser(delimiters="=")
    file.optionxform = str
    file.read_string((information / "entry_points.txt").read_text(encoding="utf-8"))
    return dict(file[group])


def test_its_plugin_and_its_commands_are_there(information):
    assert entry_points(information, "pytest11") == {"pytest_mas_helpers": "pytest_mas_helpers"}
    scripts = entry_points(information, "console_scripts")
    assert set(scripts) == set(COMMANDS)
    for target in scripts.values():
        module, _, function = target.partition(":")
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_name_that_the_command_was_called_by(wheel, information, name):
    module, _, function = entry_points(information, "console_scripts")[name].partition(":")
    script = wheel / name  # as pip writes it
    script.write_text(
        f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n", encoding="utf-8"
    )
    package = module.removesuffix(".__main__")
    for command, shown in [[str(script)], name], [["-m", package], COMMANDS[name]]:
        done = subprocess.run(
            [sys.executable, *command, "--help"],
            cwd=wheel,
            env=os.environ | {"PYTHONPATH": str(wheel), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.stdout.startswith(f"usage: {shown} "), done.stderr
        (other,) = {name, COMMANDS[name]} - {shown}
        assert f"  {other} " not in done.stdout
