"""A person decides: the first answer holds, a deadline has a fallback, and the wait outlives a
process; what streams is for reading until it is whole.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import programs
import pytest
from approval_waiter import notice, write

from mas_helpers import HAIKU, Agent, Fault, fake_client, run, trace
from mas_helpers.agents import (
    FAILURES,
    AlreadyDecided,
    Approvals,
    Decision,
    InvalidPlan,
    Proposal,
    ReplyError,
    StreamBroken,
    stream_plan,
    stream_reply,
    tasks_so_far,
)
from mas_helpers.bench import elapsed
from mas_helpers.course import approval_panel

HERE = Path(__file__).parent
YES = Decision("approved", "Ruth", "Do it.")
PROPOSAL = Proposal("Do it?", "a\nb\nd", "a\nc\nd", 12.5, ("a note", "a table"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "approvals.sqlite"


def test_a_proposal_comes_back_as_it_was_and_shows_what_changes(path):
    approvals = Approvals(path)
    approvals.ask("k", PROPOSAL, 60)
    assert Approvals(path).proposal("k") == PROPOSAL
    assert PROPOSAL.changes() == ["- c", "+ b"]
    for part in ("Do it?", "- c", "+ b", "$12.50", "a note; a table"):
        assert part in str(PROPOSAL)
    assert "not known" in str(Proposal("?", "text")) and "text" in str(Proposal("?", "text"))


def test_the_first_answer_holds_and_the_second_hears_it(path):
    approvals = Approvals(path)
    approvals.ask("k", PROPOSAL, 60)
    assert approvals.decision("k") is None and approvals.waiting() == ["k"]
    approvals.decide("k", YES)
    with pytest.raises(AlreadyDecided, match="'k' was approved by Ruth before") as raised:
        approvals.decide("k", Decision("refused", "Tom"))
    assert raised.value.decision == approvals.decision("k") == YES
    assert approvals.waiting() == []


def test_nobody_has_asked(path):
    for ask in (
        lambda a: a.decision("k"),
        lambda a: a.proposal("k"),
    ):
        with pytest.raises(KeyError, match="nobody has asked about 'k'"):
            ask(Approvals(path))
    with pytest.raises(KeyError):
        Approvals(path).decide("k", YES)


def test_after_the_deadline_the_fallback_holds_and_an_answer_is_too_late(path):
    now = [100.0]
    approvals = Approvals(path, now=lambda: now[0])
    approvals.ask("k", PROPOSAL, 60)
    now[0] = 159.9
    assert approvals.decision("k") is None
    approvals.ask("k", Proposal("another", "x"), 60)  # asked again after a restart: as it was
    assert approvals.proposal("k") == PROPOSAL
    now[0] = 160.0
    assert approvals.waiting() == []
    with pytest.raises(AlreadyDecided, match="refused by nobody"):
        approvals.decide("k", YES)
    assert approvals.decision("k").kind == "refused"


ANSWER = """
import sys
from mas_helpers.agents import AlreadyDecided, Approvals, Decision
path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
try:
    Approvals(path).decide("k", Decision("approved", name))
    print(name)
except AlreadyDecided as error:
    print(error.decision.by)
"""


@pytest.mark.slow
def test_of_ten_processes_that_answer_at_once_one_wins_and_all_hear_who(path):
    Approvals(path).ask("k", PROPOSAL, 600)
    command = [sys.executable, "-c", ANSWER, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    people = [programs.popen([*command, f"person {n}"], **pipes) for n in range(10)]
    assert {person.stdout.readline() for person in people} == {"ready\n"}
    for person in people:
        person.stdin.write("\n")
        person.stdin.flush()
    heard = [person.communicate(timeout=120)[0].strip() for person in people]
    assert set(heard) == {Approvals(path).decision("k").by}


DAY = 24 * 3600


@pytest.mark.slow
def test_three_days_pass_on_the_virtual_clock_without_a_call(path):
    async def ruth(approvals):
        async def decides():
            await asyncio.sleep(3 * DAY)
            approvals.decide("k", YES)

        decision, _ = await asyncio.gather(approvals.wait("k", PROPOSAL, 7 * DAY), decides())
        return decision

    with trace() as waited:
        assert run(ruth(Approvals(path, now=elapsed)), clock="virtual") == YES
    assert waited.seconds == pytest.approx(3 * DAY, abs=60) and waited.calls == []


def lines(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def wait_until(condition):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 120
        time.sleep(0.02)


@pytest.mark.slow
def test_a_run_that_waits_is_killed_and_goes_on_with_the_answer_that_came_meanwhile(tmp_path):
    command = [sys.executable, str(HERE / "approval_waiter.py"), str(tmp_path)]
    approvals = Approvals(tmp_path / "approvals.sqlite")
    first = programs.popen(command)
    wait_until(lambda: approvals.waiting() == ["notice"])
    first.kill()
    first.wait()
    approvals.decide("notice", Decision("edited", "Ruth", "We open at half past six."))
    assert lines(tmp_path / "sent.txt") == []
    programs.run(command, check=True, timeout=120)
    assert lines(tmp_path / "bill.txt") == ["draft"]
    assert lines(tmp_path / "sent.txt") == ["We open at half past six."]


@pytest.mark.slow
def test_a_kernel_that_waits_is_restarted_and_goes_on(tmp_path):
    from jupyter_client.manager import start_new_kernel

    cell = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from pathlib import Path\nfrom approval_waiter import notice\n"
        f"from mas_helpers import run\nrun(notice(Path({str(tmp_path)!r})), clock='real').by"
    )
    approvals = Approvals(tmp_path / "approvals.sqlite")
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        client.execute(cell)
        wait_until(lambda: approvals.waiting() == ["notice"])
        manager.restart_kernel(now=True)
        approvals.decide("notice", YES)
        client.wait_for_ready(timeout=60)
        shown = []
        reply = client.execute_interactive(
            cell, timeout=60, output_hook=lambda message: shown.append(message["content"])
        )
        assert reply["content"]["status"] == "ok", reply
        assert any("Ruth" in str(content) for content in shown)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert lines(tmp_path / "bill.txt") == ["draft"]
    assert lines(tmp_path / "sent.txt") == ["Do it."]


def test_the_waiting_run_sends_nothing_that_was_refused(tmp_path):
    approvals = Approvals(tmp_path / "approvals.sqlite")
    approvals.ask("notice", PROPOSAL, 600)
    approvals.decide("notice", Decision("refused", "Ruth", "no"))
    assert run(notice(tmp_path), clock="virtual").kind == "refused"
    assert lines(tmp_path / "sent.txt") == []
    write(tmp_path / "sent.txt", "a line")
    assert lines(tmp_path / "sent.txt") == ["a line"]


def buttons(panel):
    approve, edit, refuse = panel.widget.children[1:4]
    return approve, edit.children[0].children, refuse.children


def test_the_panel_shows_diff_price_and_sources_and_its_buttons_decide(path):
    approvals = Approvals(path)
    for key in ("approved", "edited", "refused"):
        approvals.ask(key, PROPOSAL, 600)
    panels = {key: approval_panel(approvals, key, "Ruth") for key in approvals.waiting()}
    for part in ("Do it?", "- c", "+ b", "$12.50", "a note"):
        assert part in panels["approved"].html and part in panels["approved"].text
    buttons(panels["approved"])[0].click()
    assert buttons(panels["approved"])[2][0].layout.flex == "0 0 auto"  # else it reads "Ref…"
    field, send = buttons(panels["edited"])[1]
    field.value = "another text"
    send.click()
    refuse, reason = buttons(panels["refused"])[2]
    reason.value = "it costs too much"
    refuse.click()
    assert [approvals.decision(key) for key in panels] == [
        Decision("approved", "Ruth", PROPOSAL.text),
        Decision("edited", "Ruth", "another text"),
        Decision("refused", "Ruth", "it costs too much"),
    ]
    assert all(button.disabled for button in [buttons(panels["edited"])[0], send, refuse])


def test_a_second_panel_hears_that_it_is_too_late_and_text_is_no_html(path):
    approvals = Approvals(path)
    approvals.ask("k", Proposal("<b>?</b>", "<script>", "x", sources=("<i>",)), 600)
    ruth, tom = (approval_panel(approvals, "k", name) for name in ("Ruth", "Tom"))
    assert "<script>" not in ruth.html and "&lt;script&gt;" in ruth.html
    buttons(ruth)[0].click()
    buttons(tom)[0].click()
    assert "Too late" in tom.widget.children[-1].value
    assert approvals.decision("k").by == "Ruth"


TASKS = ["How many came?", "What did it cost?", "What do they say?"]
PLAN = json.dumps({"subtasks": [{"kind": "data", "task": t, "needs": []} for t in TASKS]})


def planner(answer, *faults):
    client = fake_client(answer, faults=list(faults))
    return Agent("planner", HAIKU, "", client=client)


def whole(body):
    return {"content": [{"type": "text", "text": PLAN}], "seconds": 4.0}


def test_a_plan_is_shown_task_by_task_and_returned_whole():
    seen = []

    def show(tasks):
        seen.append(tuple(tasks))

    with trace() as streamed:
        plan = run(stream_plan("?", planner(whole), ["data"], show), clock="virtual")
    assert [one.task for one in plan.subtasks] == TASKS
    assert list(dict.fromkeys(seen)) == [tuple(TASKS[:n]) for n in range(4)]
    assert streamed.seconds == 4.0 and len(streamed.calls) == 1


@pytest.mark.parametrize("end", range(len(PLAN) + 1))
def test_a_task_is_shown_only_once_it_is_whole(end):
    shown = tasks_so_far(PLAN[:end])
    assert shown == TASKS[: len(shown)]


@pytest.mark.parametrize("text", ["", "no JSON", "[1", "3", '{"subtasks": 3', '{"subtasks": [3, {'])
def test_of_what_is_no_plan_nothing_is_shown(text):
    assert tasks_so_far(text) == []


@pytest.mark.parametrize("kind", ["cut_stream", "error_in_stream"])
def test_a_stream_that_breaks_is_no_answer_is_asked_once_and_says_what_came(kind):
    shown = []
    agent = planner(whole, Fault(kind, seconds=2.5))
    with trace() as streamed, pytest.raises(StreamBroken, match="planner broke off") as raised:
        run(stream_plan("?", agent, ["data"], shown.append), clock="virtual")
    assert isinstance(raised.value, FAILURES)
    assert PLAN.startswith(raised.value.text) and 0 < len(raised.value.text) < len(PLAN)
    assert shown[-1] and shown[-1] != TASKS
    assert len(streamed.calls[0].attempts) == 1


def test_before_the_first_piece_the_error_is_the_sdks_own_and_it_asks_again():
    agent = planner(whole, Fault("overloaded", attempts=1))
    with trace() as streamed:
        run(stream_reply(agent, "?", lambda text: None), clock="virtual")
    assert len(streamed.calls[0].attempts) == 2


def test_a_whole_stream_that_is_no_answer_or_no_plan_is_not_returned():
    refusal = planner(lambda body: {"content": [], "stop_reason": "refusal"})
    with pytest.raises(ReplyError):
        run(stream_reply(refusal, "?", lambda text: None), clock="virtual")
    with pytest.raises(InvalidPlan, match="is for 'data'"):
        run(stream_plan("?", planner(whole), ["summary"], lambda tasks: None), clock="virtual")


ASK = [sys.executable, "-m", "mas_helpers", "ask", "1", "--fast", "--approve"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("y\n", 0, "The plan:"),
        ("n\n", 1, "No answer: the plan was refused"),
        ("1 99\n", 1, "No answer: the plan was refused"),
        ("1 2\n", 1, "offline, only the whole plan is recorded"),
        ("", 1, "nobody is there to approve the plan"),
    ],
)
def test_ask_goes_on_only_after_a_yes(home, typed, code, said):
    done = programs.run(
        ASK, cwd=home, input=typed, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == code and said in " ".join(done.stderr.split()), done.stderr
    assert bool(done.stdout.strip()) is (code == 0)
