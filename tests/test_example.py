"""The example is somebody else's project: its tests pass on their own, offline, and fail when the
project breaks.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import programs
import pytest
import yaml

from mas_helpers import __main__ as command_line

pytest_plugins = ["pytester"]
NO_NETWORK = Path(__file__).parent / "no_network"


COMMAND = ["-p", "pytest_mas_helpers", "-p", "no:cacheprovider", "-q", "--tb=line"]


@pytest.fixture
def broken(home, pytester, monkeypatch):
    """Runs the example's tests on a copy in which one thing is wrong: the exit code, the output."""
    left_out = shutil.ignore_patterns(".venv", "__pycache__", ".pytest_cache", "*.egg-info")
    example = home / "examples" / "reply_desk"
    shutil.copytree(example, pytester.path, ignore=left_out, dirs_exist_ok=True)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(right, wrong):
        path = pytester.path / "reply_desk.py"
        code = path.read_text(encoding="utf-8")
        assert code.count(right) == 1
        path.write_text(code.replace(right, wrong), encoding="utf-8")
        # it runs in this process
        quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
        result = pytester.runpytest_inprocess(*COMMAND, *quiet)
        return result.ret, result.stdout.str() + result.stderr.str()

    return run


def failures(said):
    return set(re.findall(r"^FAILED \S+::(\w+)", said, re.M))


@pytest.mark.slow
def test_its_tests_pass(home):
    alone = os.environ | {"PYTHONPATH": str(NO_NETWORK), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = programs.run(
        [sys.executable, "-m", "pytest", *COMMAND],
        cwd=home / "examples" / "reply_desk",
        env=alone,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0 and "34 passed" in done.stdout, done.stdout + done.stderr
    readme = home / "examples" / "reply_desk" / "README.md"
    assert "34 tests" in readme.read_text(encoding="utf-8")


@pytest.mark.slow
def test_checkers_that_wait_for_each_other_are_seen(broken):
    code, said = broken(
        'verdicts = await asyncio.gather(verdict(client, "policy", text), verdict(client, "tone",'
        " text))",
        'verdicts = [await verdict(client, "policy", text), await verdict(client, "tone", text)]',
    )
    assert code == 1
    assert "test_it_takes_as_long_as_the_clerk_the_writer_and_the_slower_checker" in failures(
        said
    ), said


@pytest.mark.slow
def test_a_swallowed_failure_is_seen(broken):
    code, said = broken(
        """except (anthropic.APIError, Unusable) as error:
        return f"{role} did not check: {type(error).__name__}\"""",
        """except (anthropic.APIError, Unusable):
        return "OK\"""",
    )
    assert code == 1 and failures(said) == {"test_a_checker_that_fails_has_not_said_yes"}, said
    assert "4 failed, 30 passed" in said


@pytest.mark.slow
def test_a_changed_prompt_is_seen_and_it_says_how_to_record_it(broken):
    code, said = broken("friendly, short, nothing", "friendly, long, nothing")
    assert code == 1 and len(failures(said)) > 5
    assert "MissingRecording" in said or "was never recorded" in said, said


@pytest.mark.slow
def test_a_call_that_is_no_longer_made_is_seen(broken):
    code, said = broken("result.why += await objections(client, result.text)", "pass")
    assert code == 1 and "late.yaml, reply 5" in said, said


def shown_on(page, command):
    """What the page shows below `python -m mas_helpers COMMAND`."""
    _, after = page.split(f"    python -m mas_helpers {command}", 1)
    lines = after.split("\n", 1)[1].splitlines()
    return "".join(f"{line[4:]}\n" for line in lines if line.startswith("    "))


@pytest.mark.slow
def test_the_page_is_true(home, pytester, monkeypatch, stand_in, capsys):
    """Its code, recorded from a stand-in, gives the numbers that it shows."""
    page = (home / "examples" / "README.md").read_text(encoding="utf-8")
    for name, code in re.findall(r"```python\n# (\S+)\n(.+?)```", page, re.S):
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, encoding="utf-8")
    (settings,) = re.findall(r"```toml\n(.+?)```", page, re.S)
    (pytester.path / "pyproject.toml").write_text(
        settings + 'pythonpath = ["."]\n', encoding="utf-8"
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*arguments):
        quiet = ("-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
        return pytester.runpytest_inprocess(
            "-p", "pytest_mas_helpers", *quiet, *arguments
        ).stdout.str()

    assert "There is no recording" in run("tests/test_review.py")

    def asking(entries, mode, *arguments):
        with stand_in(entries=entries) as url, monkeypatch.context() as patch:
            for name, value in {
                "ANTHROPIC_BASE_URL": url,
                "ANTHROPIC_API_KEY": "none",
                "MAS_MODE": mode,
            }.items():
                patch.setenv(name, value)
            return run(*arguments)

    (replies,) = re.findall(r"```yaml\n(.+?)```", page, re.S)
    said = asking(yaml.safe_load(replies), "record", "tests/test_review.py")
    assert (
        "tests/test_review.py s" in said
        and f"recorded: tests{os.sep}recordings{os.sep}lamp.yaml" in said
    )
    said = asking(yaml.safe_load(replies), "record", "tests/test_runs.py")
    for name in ("runs", "runs_sent"):
        assert f"recorded: tests{os.sep}recordings{os.sep}{name}.yaml" in said
        text = (pytester.path / f"tests/recordings/{name}.yaml").read_text(encoding="utf-8")
        assert text.count("(run ID)") == 2
    said = run()
    assert "assert 1.2 == 0" in said and "1 failed, 4 passed, 1 skipped" in said, said
    monkeypatch.chdir(pytester.path)
    (pytester.path / "replies.yaml").write_text(replies, encoding="utf-8")
    nightly = (pytester.path / "tests/test_nightly.py").rename("later")  # the page has it later
    capsys.readouterr()
    assert command_line.main(["check"]) == 0
    assert shown_on(page, "check").startswith(capsys.readouterr().out)
    nightly.rename("tests/test_nightly.py")
    with monkeypatch.context() as patch:
        patch.setenv("MAS_USED", "used.txt")
        run()
    capsys.readouterr()
    assert command_line.main(["check", "tests", "--used", "used.txt"]) == 0
    played = (pytester.path / "used.txt").read_text(encoding="utf-8")
    (pytester.path / "used.txt").write_text(played.replace("runs\t1", ""), encoding="utf-8")
    assert command_line.main(["check", "tests", "--used", "used.txt"]) == 1
    assert "runs.yaml: reply 2 of 2 was played by nothing" in capsys.readouterr().out
    cassette = (home / "tests/cassettes/vcrpy.yaml").read_text(encoding="utf-8")
    cassette = re.sub(r"http://[\d.:]+/v1/other", "https://example.com/other", cassette)
    cassette = re.sub(r"http://[\d.:]+/", "https://api.anthropic.com/", cassette)
    (pytester.path / "tests/cassettes").mkdir()
    (pytester.path / "tests/cassettes/test_ask.yaml").write_text(cassette, encoding="utf-8")
    assert command_line.main(["import", "tests/cassettes", "--folder", "tests/recordings"]) == 0
    assert shown_on(page, "import").startswith(capsys.readouterr().out.replace(os.sep, "/"))
    for said_each_time, came in (range(5), "1 passed"), ([0] * 5, "1 failed"):
        replies = [{"text": f"Text {number}.", "seconds": 0.0} for number in said_each_time]
        assert came in asking([{"replies": replies}], "live", "tests/test_nightly.py")
    path = pytester.path / "review.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("one sentence", "two sentences", 1),
        encoding="utf-8",
    )
    said = run("tests/test_review.py")
    shown = page.split("Put `gather` back")[1].split("If you mean it")[0]
    assert all(line.strip() in said for line in shown.splitlines() if line.startswith("    E"))
