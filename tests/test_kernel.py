"""In a real kernel: asyncio.run in a cell with more cells waiting, plain await, output, notes,
Stop, tracebacks.
"""

import queue
import re
import sys
import time

import pytest
from jupyter_client.manager import start_new_kernel

from mas_helpers import HAIKU
from mas_helpers.bench.recordings import Exchange, Recording, Reply

pytestmark = [
    pytest.mark.slow,
    # jupyter_client's own, about its loop and paths
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # its sockets, closed by the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # kernels on loopback TCP are not encrypted
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]
BEGIN = f"""
import asyncio
from mas_helpers import Agent, connect, run, trace
agent = Agent("worker", "{HAIKU}", "You answer.", client=connect("lesson"))
async def main():
    return await agent.run("hi")
"""


@pytest.fixture
def cells(tmp_path):
    """Sends cells to a kernel, all at once as Run All does, and gives back what each of them
    showed.
    """
    usage = {"input_tokens": 1, "output_tokens": 1}
    text = {
        "content": [{"type": "text", "text": "hello"}],
        "stop_reason": "end_turn",
        "usage": usage,
    }
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": HAIKU,
        "stop_sequence": None,
        **text,
    }
    asked = {
        "model": HAIKU,
        "max_tokens": 4000,
        "system": "You answer.",
        "messages": [{"role": "user", "content": "hi"}],
    }
    reply = Reply(200, 0.3, {"content-type": "application/json"}, message)
    exchange = Exchange("worker", {"method": "POST", "path": "/v1/messages", "body": asked}, reply)
    Recording("lesson", exchanges=[exchange]).save(tmp_path / "recordings" / "lesson.yaml")
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))

    def run_all(*sources, stop=False):
        sent = {client.execute(source): [] for source in sources}
        shown, done = list(sent.values()), set()
        while len(done) < len(sent):
            try:
                note = client.get_iopub_msg(timeout=500)
            except queue.Empty:
                stuck = len(sent) - len(done)
                raise AssertionError(f"{stuck} cells are stuck; so far: {shown}") from None
            parent, content = note["parent_header"].get("msg_id"), note["content"]
            if parent in sent and note["msg_type"] == "execute_input" and stop:
                time.sleep(0.5)
                manager.interrupt_kernel()
            elif (
                parent in sent
                and note["msg_type"] == "status"
                and content["execution_state"] == "idle"
            ):
                done.add(parent)
            elif parent in sent and note["msg_type"] == "stream":
                sent[parent].append(content["text"].strip())
            elif parent in sent and note["msg_type"] in ("execute_result", "display_data"):
                sent[parent].append(content["data"]["text/plain"])
            elif parent in sent and note["msg_type"] == "error":
                sent[parent].append(f"{content['ename']}: {content['evalue']}")
                sent[parent].append("\n".join(content["traceback"]))
        return shown

    try:
        yield run_all
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_asyncio_run_in_a_cell_works_and_so_do_the_cells_that_wait_behind_it(cells):
    shown = cells(
        BEGIN, "asyncio.run(main())", *(f"{n}" for n in range(12)), "asyncio.run(main())", "'last'"
    )
    assert shown == [[], ["'hello'"], *([str(n)] for n in range(12)), ["'hello'"], ["'last'"]]


REFUSED = "RuntimeError: asyncio.run() cannot be called from a running event loop"


@pytest.mark.parametrize(
    "call", ["run(outer())", "await outer()", "asyncio.run(outer())", "run(group())"]
)
def test_asyncio_run_inside_a_coroutine_fails_in_a_cell_as_in_a_script(cells, call):
    outer = """
def helper():
    return asyncio.run(asyncio.sleep(0.01))
async def outer():
    return helper()
async def group():
    return await asyncio.gather(outer(), asyncio.sleep(1))
"""
    assert cells(BEGIN, outer, call)[-1][0] == REFUSED
    in_a_thread = "run(asyncio.to_thread(helper)) is None"
    assert cells(in_a_thread, "helper() is None") == [["True"], ["True"]]


def test_nest_asyncio_applied_after_us_does_no_harm(cells):
    sources = [
        BEGIN,
        "import nest_asyncio; nest_asyncio.apply()",
        "asyncio.run(main())",
        *("1" for _ in range(8)),
    ]
    assert cells(*sources)[2:] == [["'hello'"], *(["1"] for _ in range(8))]


def test_run_await_and_print_show_in_their_own_cells(cells):
    sources = [
        BEGIN,
        "with trace() as t:\n    text = run(main())\ntext, t.seconds",
        "await main()",
        (
            "async def talk():\n    print('one')\n    await asyncio.sleep(1)\n   "
            " print('two')\nrun(talk())"
        ),
        "run(agent.run('hi there'))",
    ]
    _, replayed, awaited, printed, edited = cells(*sources)
    assert replayed == ["('hello', 0.3)"]
    assert awaited == ["'hello'"]
    assert "\n".join(printed) == "one\ntwo"
    assert edited[0].startswith(
        "Note: Agent 'worker' on recording 'lesson' asked something that was never recorded"
    )
    assert edited[1] == "'hello'"


def test_an_error_in_run_shows_the_readers_frames_and_not_ours(cells):
    shown = cells(
        BEGIN,
        "async def boom():\n    await asyncio.sleep(1)\n    raise ValueError('mine')\nrun(boom())",
    )
    error, traceback = shown[1]
    assert error == "ValueError: mine"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", traceback)
    assert "raise ValueError('mine')" in plain
    assert not any(ours in plain for ours in ("runner.py", "threading", "concurrent", "asyncio/"))


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is another thing there")
def test_stop_reaches_an_await_in_a_cell(cells):
    cells(BEGIN)
    (shown,) = cells("await asyncio.sleep(3600)", stop=True)
    assert "Error" in shown[0] or "Interrupt" in shown[0]


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is another thing there")
def test_stop_shows_no_frames_of_ours(cells):
    cells(BEGIN)
    (stopped,) = cells("run(asyncio.sleep(3600), clock='real')", stop=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stopped[1])
    assert not any(ours in plain for ours in ("_run_in_a_thread", "threading.py"))


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is another thing there")
@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_stop_ends_a_run_and_the_next_cell_works(cells, clock):
    endless = f"""
async def endless():
    try:
        while True:
            await asyncio.sleep(0.01)
    finally:
        print("cleaned up")
run(endless(), clock="{clock}")
"""
    cells(BEGIN)
    (stopped,) = cells(endless, stop=True)
    assert stopped[:2] == ["cleaned up", "KeyboardInterrupt: "]
    assert cells("run(main())") == [["'hello'"]]


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is another thing there")
@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_stop_ends_a_loop_that_never_awaits_and_its_thread(cells, clock):
    busy = f"async def busy():\n    while True:\n        pass\nrun(busy(), clock='{clock}')"
    cells(BEGIN)
    (stopped,) = cells(busy, stop=True)
    assert stopped[0] == "KeyboardInterrupt: "
    names = "import threading; [t.name for t in threading.enumerate() if 'mas_helpers' in t.name]"
    assert cells(names) == [["[]"]]


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is another thing there")
@pytest.mark.parametrize("line", ["while True: pass", "while True: await asyncio.sleep(0)"])
def test_stop_ends_a_check_of_an_answer_that_does_not_end(cells, home, line):
    answer = f"async def ask_again_if_cut(agent, question):\n    {line}"
    checks = f"""
from mas_helpers import checks
from pathlib import Path
check = checks("01_agent", Path({str(home / "notebooks" / "exercises")!r})).ask_again_if_cut
"""
    cells(BEGIN, answer, checks)
    began = time.monotonic()
    (stopped,) = cells("check(ask_again_if_cut)", stop=True)
    assert "KeyboardInterrupt" in stopped[0] and time.monotonic() - began < 60
    assert cells("run(main())") == [["'hello'"]]
