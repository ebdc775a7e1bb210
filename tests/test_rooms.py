"""The shape of the package: imports point down, files stay small, nothing heavy is loaded before it
is needed.
"""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import mas_helpers

ROOMS = {
    "bench": set(),
    "pictures": {"bench"},
    "agents": {"bench"},
    "course": {"bench", "pictures", "agents"},
}


def rooms_imported_by(path, home):
    """Names of the rooms that a file of the package imports from."""
    inside = ["mas_helpers", *path.relative_to(home / "mas_helpers").parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = inside[: len(inside) - node.level + 1] if node.level else []
            for name in [node.module] if node.module else [alias.name for alias in node.names]:
                whole = [*base, *name.split(".")]
                if whole[0] == "mas_helpers":
                    yield whole[1] if len(whole) > 1 else "the learner's door"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_the_rooms_that_it_may_know(home, room):
    for path in (home / "mas_helpers" / room).rglob("*.py"):
        assert set(rooms_imported_by(path, home)) - {room} <= ROOMS[room], path


def test_package_and_stand_in_know_nothing_of_each_other(home):
    for package, other in [("mas_helpers", "mas_stand_in"), ("mas_stand_in", "mas_helpers")]:
        for path in (home / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert other not in {name.partition(".")[0] for name in names}, path


def test_no_function_shadows_a_module():
    for package in packages():
        for module in pkgutil.iter_modules(package.__path__):
            if module.name != "__main__":
                importlib.import_module(f"{package.__name__}.{module.name}")
                assert inspect.ismodule(getattr(package, module.name)), module.name


def packages():
    yield mas_helpers
    for module in pkgutil.walk_packages(mas_helpers.__path__, "mas_helpers."):
        if module.ispkg:
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_at_a_door_is_there_and_the_package_finds_it_too(room):
    door = importlib.import_module(f"mas_helpers.{room}")
    for name in door.__all__:
        assert getattr(mas_helpers, name) is getattr(door, name)


def test_the_learners_door_is_small_and_knows_no_other_name():
    assert len(mas_helpers.__all__) <= 40
    with pytest.raises(AttributeError, match="has no attribute 'nobody'"):
        _ = mas_helpers.nobody


@pytest.mark.slow
def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, mas_helpers; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600, check=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(
        {"genai_prices", "nbclient", "nbformat", "IPython", "ipywidgets", "nest_asyncio2", "pytest"}
    )


def test_ruff_has_nothing_to_say(home):
    """Over every Python file of the project."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout


def test_no_file_opens_a_text_without_saying_utf8(home):
    """On Windows the default is another encoding."""
    silent = []
    for folder in ("mas_helpers", "mas_stand_in", "tools", "notebooks", "tests", "benchmarks"):
        for path in sorted((home / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
                    "read_text",
                    "write_text",
                ):
                    named = [k.value for k in node.keywords if k.arg == "encoding"]
                    if not any(
                        getattr(given, "value", None) == "utf-8" for given in [*node.args, *named]
                    ):
                        silent.append(f"{path.name}:{node.lineno}")
    assert silent == []
