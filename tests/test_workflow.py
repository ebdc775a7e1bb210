"""The workflow for GitHub tests each machine and Python that the course promises, with the README's
own command.
"""

import itertools
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
WORKFLOW = yaml.load(TEXT, Loader=yaml.BaseLoader)  # with it `on` is a word, and 3.11 a text
JOB = WORKFLOW["jobs"]["test"]


def machines():
    """What GitHub makes of the matrix: every combination, less what is excluded, and what is
    included.
    """
    matrix = dict(JOB["strategy"]["matrix"])
    left_out, added = matrix.pop("exclude"), matrix.pop("include")
    product = [
        dict(zip(matrix, values, strict=True)) for values in itertools.product(*matrix.values())
    ]
    return [
        one for one in product if not any(rule.items() <= one.items() for rule in left_out)
    ] + added


def commands_on(machine):
    conditions = {step["if"]: step["run"] for step in JOB["steps"] if "run" in step}
    return [conditions[f"matrix.outputs == '{machine['outputs']}'"]]


def test_every_promised_machine_and_python_is_tested_once():
    first, last = re.search(r"Python 3\.(\d+) to 3\.(\d+)", README).groups()
    pythons = [f"3.{minor}" for minor in range(int(first), int(last) + 1)]
    promised = itertools.product(["ubuntu-latest", "macos-latest", "windows-latest"], pythons)
    assert sorted((one["os"], one["python"]) for one in machines()) == sorted(promised)
    assert len(machines()) == 9


def test_outputs_are_compared_on_one_machine_and_every_cell_runs_on_the_others():
    given = [command for machine in machines() for command in commands_on(machine)]
    assert sorted(given) == ["python start.py test"] + ["python start.py test --nbval-lax"] * 8
    assert "\n    python3 start.py test\n" in README


def test_every_night_the_simulation_and_the_workshop_are_as_large_as_can_be():
    assert len(WORKFLOW["on"]["schedule"]) == 1
    assert JOB["env"].keys() == {"MAS_BROWSER", "MAS_MODEL", "MAS_NIGHTLY"}
    assert JOB["env"]["MAS_NIGHTLY"] == "${{ github.event_name == 'schedule' && '1' || '' }}"
    for name in ("test_simulation.py", "test_hub.py"):
        assert 'if os.environ.get("MAS_NIGHTLY")' in (ROOT / "tests" / name).read_text("utf-8")


def test_the_small_model_is_loaded_here_and_on_the_hosts_machines():
    assert JOB["env"]["MAS_MODEL"] == "load"
    assert 'export MAS_MODEL="${MAS_MODEL:-load}"' in (ROOT / ".ci/run").read_text("utf-8")
    assert 'os.environ.get("MAS_MODEL") == "load"' in (ROOT / "start.py").read_text("utf-8")


def test_one_machine_that_fails_hides_no_other_and_a_browser_is_not_optional():
    assert JOB["strategy"]["fail-fast"] == "false"
    assert JOB["env"]["MAS_BROWSER"] == "required"
    assert "continue-on-error" not in TEXT and int(JOB["timeout-minutes"]) <= 60


def test_it_reads_and_gives_nothing_away():
    assert WORKFLOW["permissions"] == {"contents": "read"} and list(WORKFLOW["jobs"]) == ["test"]
    assert not {"permissions", "container", "services", "uses"} & JOB.keys()
    assert (
        "secrets" not in TEXT
        and "KEY" not in TEXT
        and "TOKEN" not in TEXT
        and "PYTHONUTF8" not in TEXT
    )
    assert "pull_request_target" not in TEXT and set(WORKFLOW["on"]) == {
        "push",
        "pull_request",
        "workflow_dispatch",
        "schedule",
    }


def test_every_action_is_githubs_own_at_a_whole_version():
    used = [step["uses"] for step in JOB["steps"] if "uses" in step]
    assert len(used) == TEXT.count("uses:") == 2
    assert all(re.fullmatch(r"actions/(checkout|setup-python)@v\d+", action) for action in used)
    assert JOB["steps"][0]["with"] == {"persist-credentials": "false"}
    assert JOB["steps"][1]["with"] == {"python-version": "${{ matrix.python }}"}
