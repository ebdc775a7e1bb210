"""Levels: `--level 1` runs the tests of the first; a line at the end says which one is reached."""

import importlib
import importlib.util
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = "my_system"
TESTS = {1: 4, 2: 3, 3: 2}  # how many requirements each level has


def pytest_addoption(parser):
    parser.addoption("--level", type=int, choices=TESTS, default=3, help="up to this level")
    parser.addoption("--desk", metavar="FILE", help="judge this file, not the package's desk.py")
    parser.addoption("--days", type=int, default=500, help="how many bad days (500)")
    parser.addoption("--seed", type=int, help="of the bad days, only this one")


def pytest_configure(config):
    config.addinivalue_line("markers", "level(n): a requirement of level n, 1 to 3")


def pytest_collection_modifyitems(config, items):
    above = [item for item in items if level_of(item) > config.getoption("--level")]
    if above:
        config.hook.pytest_deselected(items=above)
        items[:] = [item for item in items if item not in above]


def level_of(item):
    mark = item.get_closest_marker("level")
    return mark.args[0] if mark else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if level_of(item):
        report.user_properties.append(("level", level_of(item)))
    return report


def pytest_terminal_summary(terminalreporter):
    passed, failed = defaultdict(int), []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            level = dict(getattr(report, "user_properties", ())).get("level")
            if level and (report.when == "call" or outcome != "passed"):
                passed[level] += outcome == "passed"
                if outcome != "passed":
                    failed.append((level, report.nodeid.rpartition("::")[2]))
    if not passed and not failed:
        return
    counts = [f"level {level}: {passed[level]} of {tests}" for level, tests in TESTS.items()]
    reached = 0
    while reached < 3 and passed[reached + 1] == TESTS[reached + 1]:
        reached += 1
    words = f"You've reached level {reached}." if reached else "You're on the way to level 1."
    config = terminalreporter.config
    if config.option.keyword or config.getoption("--seed") is not None:
        words = "Only a part was run, so this says nothing about your level."
    if failed:
        words += f" Next: {min(failed, key=lambda one: one[0])[1]}."
    terminalreporter.write_line(f"{', '.join(counts)}. {words}")


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk():
    """No power fails here, so SQLite needn't wait until the disk has it: 500 bad days take less."""
    connect = sqlite3.connect

    def connect_quickly(*args, **options):
        database = connect(*args, **options)
        database.execute("PRAGMA synchronous = OFF")
        return database

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_quickly)
        yield


@pytest.fixture(scope="session")
def target(request):
    """What is judged: a module's name, or the path of a file."""
    return request.config.getoption("--desk") or f"{PACKAGE}.desk"


@pytest.fixture
def desk(target):
    """The module that's judged."""
    return load(target)


def load(target):
    """The module of that name, or a file as if it were in the package."""
    if not target.endswith(".py"):
        return importlib.import_module(target)
    name = f"{PACKAGE}.{Path(target).stem}"
    spec = importlib.util.spec_from_file_location(name, target)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
