"""What a user's type checker and editor see of the package: no error, under two checkers."""

import subprocess
import sys

import pytest

PACKAGES = ["mas_helpers", "mas_stand_in", "pytest_mas_helpers.py"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "checker",
    [
        ["mypy", "--strict", "--no-incremental"],
        ["basedpyright", "--level", "error", "--pythonpath", sys.executable],
    ],
    ids=["mypy --strict", "pyright standard"],
)
def test_the_types_are_true(home, checker):
    pytest.importorskip(checker[0], reason="the extra `check` is not installed")
    command = [sys.executable, "-m", *checker, *PACKAGES]
    done = subprocess.run(command, cwd=home, capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
