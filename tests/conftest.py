"""Every test runs offline, without a key, in strict replay, and leaves the environment alone."""

import os
import sys
from pathlib import Path

import httpcore2  # noqa: F401  see below
import pytest

# httpx2 loads httpcore2 with its first client and remembers its errors; in a test that runs pytest
# in this process (pytester) it would be forgotten after the test, and loaded a second time.
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "no_network")]


@pytest.fixture(autouse=True)
def _fresh_mode(monkeypatch):
    # PYTEST_XDIST: a pytest that a test starts is no worker of ours, and may record
    for name in [
        n for n in os.environ if n.startswith(("ANTHROPIC_", "OPENAI_", "MAS_", "PYTEST_XDIST"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAS_PROGRESS", "off")


@pytest.fixture(scope="module")  # while playwright is open, no other module could use asyncio
def browser():
    """A browser of this machine; without one, skips the tests, or fails them where MAS_BROWSER
    wants one.
    """
    from browser import opened

    with opened() as found:
        yield found


@pytest.fixture
def home() -> Path:
    """The root of the project."""
    return HERE.parent


@pytest.fixture
def stand_in():
    """The stand-in model: `with stand_in(entries=[…]) as base_url:`."""
    from mas_stand_in import serving

    return serving


@pytest.fixture
def graded(home):
    """Grades an answer with a lesson's check."""

    def grade(lesson, name, answer):
        from mas_helpers import checks

        return getattr(checks(lesson, home / "notebooks" / "exercises"), name)(answer)

    return grade
