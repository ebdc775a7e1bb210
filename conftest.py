"""What holds for the notebooks under `pytest --nbval` as well: strict replay, no key, no network,
stable hashes.
"""

import gc
import os
import signal
from itertools import count
from pathlib import Path

import pytest
from jupyter_client import launcher

# Where the shell ignores Ctrl-C (nohup, a command in the background), so would every child of ours.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The kernels that nbval starts inherit this environment.
for name in [n for n in os.environ if n.startswith("ANTHROPIC_") or n == "MAS_MODE"]:
    del os.environ[name]
os.environ |= {"MAS_STRICT": "1", "MAS_PROGRESS": "off", "PYTHONHASHSEED": "0"}
no_network = str(Path(__file__).parent / "tests" / "no_network")
inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)  # a process of ours has it already
os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([no_network, *filter(None, inherited)]))

import programs  # noqa: E402  it keeps the environment as it is here

launcher.Popen = programs.popen  # the kernels of notebooks that run under pytest

# The longest first: the last file taken decides when several processes are done.
SLOW = ["test_browser.py", "test_hub.py", "test_judged_answers.py", "test_types.py", "test_site.py"]
SLOW += ["test_simulation.py", "test_checks_14.py", "14_failure_injection.ipynb", "test_memory.py"]
SLOW += ["19_resume.ipynb", "25_scale_out.ipynb", "20_approval.ipynb", "21_mcp.ipynb"]
SLOW += ["test_journal.py", "test_async_plugins.py", "test_clock_beside.py", "test_ask.py"]
SLOW += ["test_command_line.py", "test_conventions.py", "test_approval.py", "test_build.py"]
SLOW += ["15_timing_tests.ipynb", "test_lessons.py", "test_other_machines.py", "test_kernel.py"]
SLOW += ["test_example.py", "test_record.py"]
ENDED = count(1)


def pytest_collection_finish():
    keep_from_collections()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    if next(ENDED) % 20 == 0:
        keep_from_collections()


def keep_from_collections():
    """A check looks for coroutines that were never awaited by collecting garbage, each time it
    grades: what the imports, the collection and the reports of tests made is no garbage, and need
    not be looked through.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config, items):
    for item in items:
        if item.path.suffix == ".ipynb":  # a whole lesson
            item.add_marker(pytest.mark.slow)
    if hasattr(config, "workerinput"):  # one of several processes, of pytest-xdist
        rank = {name: number for number, name in enumerate(SLOW)}
        items.sort(key=lambda item: rank.get(item.path.name, len(SLOW)))
