"""Alder Street for lesson 26: desks as modules, and the customer's tests, run here on any of them.

The letters, the model that's a function and the tests are those of examples/my_system.
"""

import contextlib
import importlib
import importlib.util
import inspect
import io
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from mas_helpers import timeline
from mas_helpers.bench import random_faults
from mas_helpers.course import course_file

EXAMPLES = course_file("examples")
TEMPLATE, ANSWERS = EXAMPLES / "my_system", EXAMPLES / "my_system_answers"
PLACES = [str(TEMPLATE), str(TEMPLATE / "tests"), str(ANSWERS)]
NAMES = {"my_system", "school", "test_acceptance", "broken"}
FOLDER = tempfile.TemporaryDirectory()
SAID = {}  # what pytest said of a project, for the check
_theirs = {}  # the modules of the project, by name


@contextlib.contextmanager
def in_the_project():
    """The project's modules have their names only in here: yours may have the same."""
    yours = {name: sys.modules.pop(name) for name in [*sys.modules] if _is_name(name)}
    sys.modules.update(_theirs)
    sys.path[:0] = PLACES
    try:
        yield
    finally:
        for place in PLACES:
            sys.path.remove(place)
        _theirs.update({name: sys.modules.pop(name) for name in [*sys.modules] if _is_name(name)})
        sys.modules.update(yours)


def _is_name(name):
    return name.partition(".")[0] in NAMES


with in_the_project():
    from broken import BROKEN, Broken, Change
    from my_system import desk as empty
    from my_system.contract import DeskError  # noqa: F401
    from my_system.workshop import workshop  # noqa: F401
    from school import CELLO, Model, School, server_for

FOURTH = Broken(
    looks="A worker that takes too long is no longer waited for, and it's named.",
    flaw="Its call goes on after the answer is there, and is billed.",
    fails="",
    changes=(
        Change(
            """        async with asyncio.timeout(WORKER_SECONDS):
            if name == "workshop":
                return await _ask_workshop(question, desk, client, journal)
            document = (desk.documents / f"{name}.md").read_text(encoding="utf-8")
            worker = Agent(name, HAIKU, f"{WORK}\\n\\n{document}", client=client, max_tokens=600)
            return await answer_of(DurableAgent(worker, journal.once), question)
""",
            """        if name == "workshop":
            async with asyncio.timeout(WORKER_SECONDS):
                return await _ask_workshop(question, desk, client, journal)
        document = (desk.documents / f"{name}.md").read_text(encoding="utf-8")
        worker = Agent(name, HAIKU, f"{WORK}\\n\\n{document}", client=client, max_tokens=600)
        asked = asyncio.create_task(answer_of(DurableAgent(worker, journal.once), question))
        done, _ = await asyncio.wait([asked], timeout=WORKER_SECONDS)
        return asked.result() if done else TimeoutError(f"{name} took too long")
""",
        ),
    ),
)
# these names don't tell what's wrong with them
SUSPECTS = {
    "first": BROKEN["budget"],
    "second": BROKEN["faults"],
    "third": BROKEN["resume"],
    "fourth": FOURTH,
}


def load(name):
    """A desk as a module: `"empty"` as the template has it, `"solution"`, `"first"` to
    `"fourth"`.
    """
    if name == "empty":
        return empty
    path = ANSWERS / "solution.py"
    if name != "solution":
        path = Path(FOLDER.name) / f"{name}.py"
        path.write_text(SUSPECTS[name].source(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"my_system.{name}", path)
    with in_the_project():
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def school(desk, **parts):
    """Alder Street with this desk: `school(desk, budget_usd=0.01).ask(CELLO)` is a Trial.

    Each has a folder of its own, unless you name one.
    """
    folder = parts.pop("folder", None) or tempfile.mkdtemp(dir=FOLDER.name)
    return School(desk, Path(folder), **parts)


def play(desk, slow=""):
    """The cello's letter, where each call for `slow` takes an hour, as two functions: `ask`, to be
    awaited, and `paid`, the dollars that are billed so far.
    """
    here = school(desk, model=Model({slow: "slow"}))
    return lambda: desk.answer(CELLO.ticket, CELLO.question, here.desk), lambda: here.model.usd


def bad_day(desk, seed):
    """A day of test_faults as a Trial, and what the test holds against it."""
    faults = random_faults(seed, **acceptance().BAD_DAY)
    here = school(desk, workshop=server_for(seed), faults=faults)
    trial = here.ask(CELLO)
    return trial, here.problems(CELLO, trial)


def end(trial, problems):
    """How a letter ended, in words."""
    if problems:
        return "not acceptable"
    if trial.error:
        return "an error that says why"
    return "a gap, named" if trial.result.missing else "complete"


def count_days(desk, days):
    """How so many bad days ended: `{"a gap, named": 35, "complete": 4, …}`."""
    ends = Counter(end(*bad_day(desk, seed)) for seed in range(days))
    return dict(ends.most_common())


def on_a_budget(desk="first", cents=0.08):
    """The timeline of a letter whose budget is so many cents, on a model that writes as much as it
    may.
    """
    here = school(load(desk), budget_usd=cents / 100, model=Model(talkative=True))
    trial = here.ask(CELLO)
    lost = ", ".join(trial.result.missing) if trial.result else "everything"
    billed = f"{desk}: {here.model.usd * 100:.3f} of {cents:.2f} cents"
    return timeline(trial.trace, titles=[f"{billed}, missing: {lost or 'nothing'}"])


def acceptance():
    """The module with the customer's tests."""
    with in_the_project():
        return importlib.import_module("test_acceptance")


def judge(desk, *levels, days=20):
    """The first test of these levels that the desk fails, and why: `("test_budget", "The customer:
    …")`; `("none", "")` if it passes all. Of the bad days, only so many.

    `python -m pytest` runs the same tests. Here they run in a thread: a cell has a loop already.
    """
    tests = [
        test
        for name, test in vars(acceptance()).items()
        for mark in getattr(test, "pytestmark", ())
        if name.startswith("test_") and mark.args[0] in levels
    ]
    found = ["none", ""]

    def judge_all():
        for test in tests:
            if why := _judge(test, desk, days):
                found[:] = test.__name__, why
                return

    thread = threading.Thread(target=judge_all)
    thread.start()
    thread.join()
    return tuple(found)


def _judge(test, desk, days):
    """Calls a test with what pytest would give it; returns why it failed, or `""`."""
    config = SimpleNamespace(getoption={"--days": days}.get)
    parts = {
        "desk": desk,
        "school": lambda **parts: school(desk, **parts),
        "target": desk.__file__,
        "tmp_path": Path(tempfile.mkdtemp(dir=FOLDER.name)),
        "request": SimpleNamespace(config=config),
        "capsys": SimpleNamespace(disabled=lambda: contextlib.redirect_stdout(io.StringIO())),
    }
    try:
        test(**{name: parts[name] for name in inspect.signature(test).parameters})
    except acceptance().pytest.fail.Exception as failed:
        return str(failed)
    return ""
