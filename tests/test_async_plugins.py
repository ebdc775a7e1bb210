"""`async def` tests on the virtual clock, in a small project with pytest-asyncio, and with anyio's
plugin.
"""

import pytest
from test_pytest_plugin import exchange

from mas_helpers.bench.recordings import Recording

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

TESTS = """
import asyncio, datetime, threading, time
import anthropic, pytest
from mas_helpers.bench import new_event_loop
from mas_helpers.bench.faults import Fault
MARK

def ask(client, words):
    messages = [{"role": "user", "content": words}]
    return client.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=messages)

async def test_replies_side_by_side(recordings, virtual_time):
    client = recordings("desk")
    await asyncio.gather(ask(client, "one"), ask(client, "two"))
    assert virtual_time.seconds == 4.0
    assert [(call.start, call.end) for call in virtual_time.calls] == [(0.0, 2.0), (0.0, 4.0)]

async def test_each_test_begins_at_zero(recordings, virtual_time):
    await ask(recordings("desk"), "one")
    assert virtual_time.seconds == 2.0

async def test_a_timeout(recordings, virtual_time):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await ask(recordings("desk"), "one")
    assert virtual_time.seconds == 1.5

async def test_faults(recordings, faults, virtual_time):
    faults.append(Fault("timeout", call=1))
    with pytest.raises(anthropic.APITimeoutError):
        await ask(recordings("desk", timeout=20.0, max_retries=0), "one")
    assert virtual_time.seconds == 20.0

async def test_the_sync_client_in_threads(recordings, virtual_time):
    client = recordings("desk", sync=True)
    await asyncio.gather(*(asyncio.to_thread(ask, client, words) for words in ("one", "two")))
    assert virtual_time.seconds == 4.0

def test_a_plain_test_beside_them(recordings, virtual_time):
    virtual_time.run(ask(recordings("desk"), "one"))
    assert virtual_time.seconds == 2.0

def test_plain_code_beside_them(recordings):
    began = time.perf_counter()
    ask(recordings("desk", sync=True), "two")
    assert time.perf_counter() - began < 2

@pytest.fixture
async def an_hour(recordings):
    await asyncio.sleep(3600)
    return recordings("desk")

async def test_an_async_fixture_counts_for_itself(an_hour, virtual_time):
    await ask(an_hour, "one")
    assert virtual_time.seconds == 2.0

async def test_run_says_how(virtual_time):
    with pytest.raises(RuntimeError, match="new_event_loop"):
        virtual_time.run(asyncio.sleep(1))

class TestInAClass:
    async def test_it(self, recordings, virtual_time):
        await ask(recordings("desk"), "two")
        assert virtual_time.seconds == 4.0
"""
PATCHED = """
async def test_the_machines_clock_is_patched(virtual_time):
    before = time.monotonic(), time.time(), datetime.datetime.now().timestamp()
    await asyncio.sleep(3600)
    after = time.monotonic(), time.time(), datetime.datetime.now().timestamp()
    assert [round(b - a, 3) for a, b in zip(before, after)] == [3600.0] * 3
    assert round(await asyncio.to_thread(time.monotonic) - before[0], 3) == 3600.0
"""
ASYNCIO = """
def pytest_asyncio_loop_factories(config, item):
    from mas_helpers.bench import new_event_loop
    return {"virtual": new_event_loop}
"""
ANYIO = """
import pytest
from mas_helpers.bench import new_event_loop

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio", {"loop_factory": new_event_loop}
"""
ASYNCIO_INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """Runs those tests with a plugin and its conftest; the outcomes and the output."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    made = [exchange("one", 2.0), exchange("two", 4.0)]
    Recording("desk", exchanges=made).save(pytester.path / "recordings" / "desk.yaml")

    def run(plugin, conftest, ini, mark="", tests=TESTS + PATCHED, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        pytester.makeconftest(conftest)
        pytester.makeini(ini + "mas_patch_time = true\n")
        pytester.makepyfile(test_it=tests.replace("MARK", mark))
        plugins = [word for name in ("pytest_mas_helpers", plugin) for word in ("-p", name)]
        result = pytester.runpytest_subprocess(*plugins, "-W", "error", "-q")
        return result.parseoutcomes(), result.stdout.str() + result.stderr.str()

    return run


def test_pytest_asyncio(project):
    pytest.importorskip("pytest_asyncio")
    came, said = project("pytest_asyncio.plugin", ASYNCIO, ASYNCIO_INI)
    assert came == {"passed": 11}, said


def test_pytest_asyncio_with_one_loop_for_a_module(project):
    pytest.importorskip("pytest_asyncio")
    ini = ASYNCIO_INI + "asyncio_default_test_loop_scope = module\n"
    came, said = project("pytest_asyncio.plugin", ASYNCIO, ini)
    assert came == {"passed": 11}, said


def test_anyio(project):
    mark = "pytestmark = pytest.mark.anyio"
    came, said = project("anyio.pytest_plugin", ANYIO, "[pytest]\n", mark)
    assert came == {"passed": 11}, said


LIVE = """
import asyncio, time
MARK
async def test_it(virtual_time):
    began = time.perf_counter()
    await asyncio.sleep(0.2)
    assert 0.1 < virtual_time.seconds < 600  # where 0.2 on the virtual clock would be exact
    assert virtual_time.seconds != 0.2
"""


def test_in_live_mode_the_loop_is_on_the_machines_clock(project):
    pytest.importorskip("pytest_asyncio")
    came, said = project("pytest_asyncio.plugin", ASYNCIO, ASYNCIO_INI, tests=LIVE, MAS_MODE="live")
    assert came == {"passed": 1}, said
