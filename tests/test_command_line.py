"""`python -m mas_helpers`: record says what it costs and never harms a recording; check finds what
does not fit.
"""

import asyncio
import datetime
import json
import re
import signal
import sys

import anthropic
import pytest
from anthropic.resources.messages import DEPRECATED_MODELS

from mas_helpers import OPUS, SONNET
from mas_helpers import __main__ as command_line
from mas_helpers.bench import recordings, secrets
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.course import check_notebooks
from mas_helpers.course.live_costs import cost_of_recording
from mas_helpers.course.record_notebook import find_api
from mas_helpers.pictures.text import dollars

HAIKU = "claude-haiku-5-5"
ASK = """
from mas_helpers import connect, run
client = connect({lesson!r})
def ask(text, client=client):
    messages = [{{"role": "user", "content": text}}]
    call = client.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=messages)
    return run(call).content[-1].text
"""
IN_A_GROUP = """
async def main():
    async with asyncio.TaskGroup() as group:
        call = client.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=[])
        group.create_task(call)
import asyncio
run(main())
"""
ANY = [{"replies": [{"text": "Good morning.", "seconds": 0}]}]
KEYS = {
    "an Anthropic key": "sk-ant-api03-" + "Ab1" * 8,
    "an OpenAI key": "sk-proj-" + "Ab1" * 8,
    "a GitHub token": "ghp_" + "Ab1" * 12,
    "a GitLab token": "glpat-" + "Ab1" * 6,
    "a Hugging Face token": "hf_" + "Ab1" * 11,
    "a Slack token": "xoxb-" + "1234" * 4,
    "an AWS key": "AKIA" + "ABCD" * 4,
    "a Google key": "AIza" + "Ab1de" * 7,
    "a JSON Web Token": "eyJ" + "hbGciOiJIUzI" + ".eyJ" + "zdWIiOiIx." + "c2lnbmF0dXJl",
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "a Stripe key": "sk_" + "live_" + "a1" * 12,
    "an npm token": "npm_" + "a1" * 18,
    "a PyPI token": "pypi-" + "a1" * 24,
    "a Google OAuth token": "ya29." + "a1" * 12,
    "a SendGrid key": "SG." + "a1" * 9 + "." + "a1" * 9,
    "a secret in a variable": "DB_PASSWORD" + "=a1b2c3d4e5f6",
    "a key of an Azure account": "AccountKey" + "=" + "a1" * 12,
    "a password in an address": "postgres://us" + ":a1b2c3@db/x",
    "a signature in an address": "https://h/x?sig" + "=" + "a1" * 10,
    "a bearer token": "Bearer " + "abc123" * 4,
    "a key in a header": "X-Api-Key: " + "abc123",
    "a login in a header": "authorization: Basic " + "abc123" * 3,
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course, and the current folder."""
    (tmp_path / "notebooks" / "recordings").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "notebooks"


def write(folder, lesson, *sources, asks=True):
    """A notebook; a source that begins with `# raises` gets the tag."""
    sources = [*([ASK.format(lesson=lesson)] if asks else []), *sources]
    tags = [["raises-exception"] if source.startswith("# raises") else [] for source in sources]
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {"tags": tag},
            "source": source.splitlines(True),
            "execution_count": None,
            "outputs": [],
        }
        for n, (source, tag) in enumerate(zip(sources, tags, strict=True))
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = folder / f"{lesson}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def keep(folder, lesson, *texts, model=HAIKU, status=200):
    """A recording of these user messages, as ASK sends them."""
    usage = {"input_tokens": 1000, "output_tokens": 200}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": HAIKU,
        "stop_reason": "end_turn",
    }
    body = {
        **message,
        "content": [{"type": "text", "text": "Hello."}],
        "stop_sequence": None,
        "usage": usage,
    }
    reply = Reply(status, 0.0, {"content-type": "application/json"}, body)
    exchanges = []
    for text in texts:
        asked = {"max_tokens": 50, "messages": [{"role": "user", "content": text}], "model": model}
        request = {"method": "POST", "path": "/v1/messages", "body": asked}
        exchanges.append(Exchange("", request, reply))
    path = folder / "recordings" / f"{lesson}.yaml"
    Recording(lesson, source="api.example", exchanges=exchanges).save(path)
    return path


def asked_in(path):
    return [
        exchange.request["body"]["messages"][0]["content"]
        for exchange in recordings.load(path).exchanges
    ]


def left_over(course):
    return sorted(path.name for path in (course / "recordings").iterdir())


def answer(monkeypatch, word):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or word)
    return asked


LOOPBACK = ["--base-url", "http://127.0.0.1:9"]


def test_record_says_the_cost_of_each_notebook_and_of_all_and_asks(course, capsys, monkeypatch):
    write(course, "01_agent")
    write(course, "02_router")
    keep(course, "01_agent", "Hello", "Bye")
    asked = answer(monkeypatch, "n")
    assert command_line.main(["record", "01", "02_router", *LOOPBACK]) == 1
    said = capsys.readouterr()
    assert asked == ["Go on? [y/N] "]
    assert "http://127.0.0.1:9 " in said.out
    recording = recordings.load(course / "recordings" / "01_agent.yaml")
    price = dollars(cost_of_recording(recording).cost_usd)
    assert f"01_agent: 2 calls, about {price}, going by its recording of" in said.out
    assert "02_router: no recording yet: cost unknown" in said.out
    assert f"In all about {price}, and 1 of unknown cost." in said.out
    assert said.err.strip() == "Nothing was recorded."
    assert left_over(course) == ["01_agent.yaml"]


def test_record_without_a_terminal_says_so_and_begins_nothing(course, capsys, monkeypatch):
    write(course, "01_agent")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert command_line.main(["record", "01_agent", *LOOPBACK]) == 2
    assert "Add --yes" in capsys.readouterr().err
    assert left_over(course) == []


def test_record_names_the_nearest_notebook(course, capsys):
    write(course, "01_agent")
    assert command_line.main(["record", "01_agnet", "--yes"]) == 2
    assert "no notebook '01_agnet'. Did you mean '01_agent'?" in capsys.readouterr().err


def test_record_says_where_notebooks_would_be(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["record", "01_agent"]) == 2
    assert "no notebooks in notebooks" in capsys.readouterr().err


def test_record_needs_a_key_for_the_api_before_anything_runs(course, capsys, monkeypatch):
    write(course, "01_agent")
    monkeypatch.setattr(command_line, "record", lambda *_: pytest.fail("it ran"))
    assert command_line.main(["record", "01_agent", "--yes"]) == 2
    assert "Set the environment variable ANTHROPIC_API_KEY" in capsys.readouterr().err


def test_record_says_when_the_address_is_none(course, capsys):
    write(course, "01_agent")
    assert command_line.main(["record", "01_agent", "--yes", "--base-url", "localhost:8000"]) == 2
    assert "is not an address" in capsys.readouterr().err


def test_a_server_on_this_machine_gets_a_key_only_where_there_is_one(monkeypatch):
    address, changes = find_api("http://127.0.0.1:9")
    assert address == "http://127.0.0.1:9" and changes["ANTHROPIC_API_KEY"] == "placeholder"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "mine")
    assert "ANTHROPIC_API_KEY" not in find_api("http://127.0.0.1:9")[1]


@pytest.mark.parametrize("command", ["record", "check"])
def test_without_nbclient_it_says_what_to_install(course, capsys, monkeypatch, command):
    write(course, "01_agent")
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert command_line.main([command, "01_agent"]) == 2
    assert "pip install 'mas-helpers[course]'" in capsys.readouterr().err


@pytest.mark.slow
def test_record_writes_its_own_recording_anew_and_adds_to_that_of_another_lesson(
    course, capsys, stand_in
):
    elsewhere = "ask('New', connect('02_router'))"
    path = write(
        course, "01_agent", "ask('Hello')", "# raises\n1 / 0", "ask('How are you?')", elsewhere
    )
    old, before = keep(course, "01_agent", "a question of last year"), path.read_bytes()
    shared, untouched = (
        keep(course, "02_router", "Hello"),
        keep(course, "03_parallel", "Hello").read_bytes(),
    )
    with stand_in(entries=ANY) as base_url:
        assert command_line.main(["record", "01_agent", "--yes", "--base-url", base_url]) == 0
    assert recordings.load(old).source == "stand-in"
    assert asked_in(old) == ["Hello", "How are you?"]
    assert sorted(asked_in(shared)) == ["Hello", "New"]
    said = capsys.readouterr().out
    assert "01_agent: 5 cells ran in" in said
    price = dollars(cost_of_recording(recordings.load(old)).cost_usd)
    assert f"recordings/01_agent.yaml: 2 calls, {price}, source stand-in" in said
    assert "01_agent: outputs rewritten" in said and path.read_bytes() != before
    cells = json.loads(path.read_text("utf-8"))["cells"]
    shown = [cell["outputs"][0]["data"]["text/plain"] for cell in (cells[1], cells[3])]
    assert shown == [["'Good morning.'"]] * 2
    assert left_over(course) == ["01_agent.yaml", "02_router.yaml", "03_parallel.yaml"]
    assert (course / "recordings" / "03_parallel.yaml").read_bytes() == untouched


@pytest.mark.slow
def test_where_the_outputs_cannot_be_stored_the_recording_is_kept_and_it_is_said(
    course, capsys, stand_in
):
    path = write(course, "01_agent", "ask('Hello')", "import os\nos.getcwd()")
    before = path.read_bytes()
    with stand_in(entries=ANY) as base_url:
        assert command_line.main(["record", "01_agent", "--yes", "--base-url", base_url]) == 1
    errors = capsys.readouterr().err
    assert f"01_agent, cell 3 (import os) shows {str(course)!r}, which differs on other" in errors
    assert "The recording of 01_agent is written, its stored outputs are the old ones." in errors
    assert path.read_bytes() == before and left_over(course) == ["01_agent.yaml"]


@pytest.mark.slow
def test_a_notebook_that_asks_nothing_gets_no_recording(course, capsys):
    write(course, "00_start_here", "1 + 1", asks=False)
    assert command_line.main(["record", "00", "--yes", *LOOPBACK]) == 0
    assert "00_start_here asked nothing: no recording was written." in capsys.readouterr().out
    assert left_over(course) == []


@pytest.mark.slow
def test_a_failing_cell_keeps_the_old_recording_and_the_paid_replies(course, capsys, stand_in):
    write(
        course,
        "01_agent",
        "ask('Hello')",
        "secret = 'sk-ant-' + 'abc123' * 4\nraise ValueError(secret)",
    )
    old = keep(course, "01_agent", "a question of last year")
    before = old.read_bytes()
    with stand_in(entries=ANY) as base_url:
        assert command_line.main(["record", "01_agent", "--yes", "--base-url", base_url]) == 1
    said = capsys.readouterr().err
    assert (
        "01_agent, cell 3 (secret = 'sk-ant-' + 'abc123' * 4) failed: ValueError: [secret]" in said
    )
    assert (
        "The recording of 01_agent is as it was" in said and "recordings/01_agent.yaml.part" in said
    )
    assert "Traceback" not in said
    assert old.read_bytes() == before
    assert left_over(course) == ["01_agent.yaml", "01_agent.yaml.part"]
    assert asked_in(course / "recordings" / "01_agent.yaml.part") == ["Hello"]


@pytest.mark.slow
def test_ctrl_c_in_a_cell_keeps_the_old_recording_and_the_paid_replies(
    course, capsys, monkeypatch, stand_in
):
    write(course, "01_agent", "ask('Hello')", "import time\ntime.sleep(60)")
    old = keep(course, "01_agent", "a question of last year")
    before = old.read_bytes()

    interrupted = []

    def interrupt_in_the_third_cell(number, count, seconds):
        if number == 3 and not interrupted:
            interrupted.append(True)
            asyncio.get_running_loop().call_later(0.3, signal.raise_signal, signal.SIGINT)

    monkeypatch.setattr(command_line, "show_progress", lambda name: interrupt_in_the_third_cell)
    with stand_in(entries=ANY) as base_url:
        assert command_line.main(["record", "01_agent", "--yes", "--base-url", base_url]) == 130
    said = capsys.readouterr().err
    assert "01_agent: stopped" in said and "recordings/01_agent.yaml.part" in said
    assert old.read_bytes() == before
    assert left_over(course) == ["01_agent.yaml", "01_agent.yaml.part"]


def test_ctrl_c_at_the_question_is_no_traceback(course, capsys, monkeypatch):
    write(course, "01_agent")
    answer(monkeypatch, "")
    monkeypatch.setattr("builtins.input", lambda question: signal.raise_signal(signal.SIGINT))
    assert command_line.main(["record", "01_agent", *LOOPBACK]) == 130


def test_progress_is_a_line_over_itself_in_a_terminal_and_now_and_then_elsewhere(
    capsys, monkeypatch
):
    def shown():
        show = command_line.show_progress("01_agent")
        for number, seconds in ((1, 0), (2, 4), (2, 11), (3, 12), (None, 15)):
            show(number, 3, seconds)
        return capsys.readouterr().out

    assert shown() == "01_agent: cell 2 of 3, 11 s\n01_agent: 3 cells ran in 15 s\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert shown().startswith("\r01_agent: cell 1 of 3, 0 s \r01_agent: cell 2 of 3, 4 s \r")


def test_a_recording_with_server_errors_in_it_is_called_unclean(course):
    said = command_line.summarize(keep(course, "01_agent", "Hello", "Bye", status=529))
    assert "529, 529" in said and "record it again" in said


@pytest.mark.slow
def test_check_is_quiet_when_all_fits(course, capsys):
    write(course, "01_agent", "ask('Hello')", "# raises\n1 / 0")
    keep(course, "01_agent", "Hello")
    assert command_line.main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 notebook, 1 recording: nothing to report"


@pytest.mark.slow
def test_check_finds_what_has_no_reply_and_what_no_cell_uses(course, capsys):
    unheard = "client = connect('99_lost')"
    write(course, "01_agent", "ask('Hallo')", unheard, IN_A_GROUP, "nobody")
    keep(course, "01_agent", "Hello")
    write(course, "02_router", "ask('Hello')", "ask('Hello')")
    write(course, "03_parallel", "nobody", "nothing", asks=False)
    keep(course, "02_router", "Hello", "Never asked in all these many years of asking", "Hello")
    assert command_line.main(["check"]) == 1
    progress = re.compile(
        r"\w+: (cell \d+ of \d+|\d+ cells ran)"
    )  # on a slow machine a line each ten seconds
    found = [line for line in capsys.readouterr().out.splitlines() if not progress.match(line)]
    never = "A call on recording '01_agent' asked something that was never recorded."
    assert found[0].startswith(f"01_agent, cell 2 (ask('Hallo')): {never}")
    assert "recorded: Hello" in found[0] and found[0].endswith(
        "record it: python -m mas_helpers record 01_agent"
    )
    assert found[1].startswith(
        "01_agent, cell 3 (client = connect('99_lost')): Nothing is recorded for '99_lost'"
    )
    assert found[2].startswith(f"01_agent, cell 4 (async def main():): {never}")
    assert found[3] == "03_parallel, cell 1 (nobody): NameError: name 'nobody' is not defined"
    unused = "02_router.yaml: reply 2 of 3 is used by no cell "
    unused += "(no agent: 'Never asked in all these many years of')."
    assert unused in found[4]
    assert found[5:] == [
        "3 notebooks, 2 recordings: 5 to fix"
    ]  # without the errors that follow from others


def test_check_without_running_finds_what_the_files_show(course, capsys, monkeypatch):
    retired = {"claude-sonnet-4-0": datetime.date(2026, 6, 15)}  # which anthropic 2.13 forgot
    monkeypatch.setattr(check_notebooks, "retirements", lambda: retired)
    on_purpose = "# raises\nconnect('lost_on_purpose')"
    write(course, "01_agent", "model = 'claude-sonnet-4-0'", on_purpose, "connect('99_lost')")
    keep(course, "01_agent", "Hello", "Bye", model="claude-haiku-9-9")
    keep(course, "17_old", "Hello")
    (course / "recordings" / "01_agent.yaml").with_name("18_torn.yaml").write_text(
        "format: 1\nexchanges: [", "utf-8"
    )
    (course / "02_router.ipynb").write_text("{", encoding="utf-8")
    assert command_line.main(["check", "--no-run"]) == 1
    found = capsys.readouterr().out
    assert "01_agent.ipynb, cell 2: model 'claude-sonnet-4-0' was retired on 2026-06-15." in found
    assert (
        "01_agent.yaml: model 'claude-haiku-9-9' is not one that anthropic" in found
        and "(reply 1, 2)" in found
    )
    assert "17_old.yaml: belongs to no notebook." in found
    assert "18_torn.yaml, line 2: not readable as YAML" in found
    assert "02_router.ipynb: not readable as a notebook" in found
    assert "01_agent, cell 4: nothing is recorded for '99_lost'." in found
    assert "lost_on_purpose" not in found


def test_check_of_one_notebook_leaves_the_others_alone(course, capsys):
    write(course, "01_agent")
    write(course, "02_router", "connect('99_lost')")
    keep(course, "01_agent", "Hello")
    keep(course, "17_old", "Hello")
    assert command_line.main(["check", "01", "--no-run"]) == 0
    assert "1 notebook, 1 recording: nothing to report" in capsys.readouterr().out


@pytest.mark.slow
def test_check_of_one_notebook_calls_no_reply_unused_that_another_notebook_may_play(course, capsys):
    write(course, "01_agent", "ask('Hello')")
    write(course, "02_router", "ask('Bye', connect('01_agent'))")
    keep(course, "01_agent", "Hello", "Bye")
    assert command_line.main(["check", "01"]) == 0
    assert "nothing to report" in capsys.readouterr().out


@pytest.mark.parametrize("kind", secrets.SECRETS)
def test_check_names_the_place_of_a_secret_and_never_prints_it(course, capsys, kind):
    write(course, "01_agent", f"# a comment\nheaders = {KEYS[kind]!r}")
    path = keep(course, "01_agent", f"first line\nmine is {KEYS[kind]} there")
    line = next(
        n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "mine is" in text
    )
    assert command_line.main(["check", "--no-run"]) == 1
    said = "".join(capsys.readouterr())
    assert f"01_agent.ipynb, line 1: looks like {kind}." in said
    assert f"01_agent.yaml, line {line}: looks like {kind}." in said
    assert "2 to fix" in said
    assert KEYS[kind].split()[-1] not in said


@pytest.mark.parametrize("text", [
    "No x-api-key header is ever written, and no authorization: the client adds it.",
    "Authorization: missing. Anyone may delete an order.",
    "Set ANTHROPIC_API_KEY=sk-ant-your-key, then send x-api-key: $ANTHROPIC_API_KEY",
    "Bearer authentication, sk-learn, and the risk-assessment-of-long-compounds-everywhere",
])  # fmt: skip
def test_prose_about_keys_is_no_secret(text):
    assert secrets.redact(text) == text


def test_every_retirement_in_the_sdk_is_read():
    assert check_notebooks.retirements().keys() == DEPRECATED_MODELS.keys()


def test_a_retirement_is_read_as_the_sdk_writes_it(monkeypatch):
    days = ["November 30th, 2026", "January 22nd, 2027", "July 21st, 2025", "June 3rd, 2026"]
    table = dict(zip("abcd", days, strict=True))
    monkeypatch.setattr("anthropic.resources.messages.DEPRECATED_MODELS", table)
    dates = [str(date) for date in check_notebooks.retirements.__wrapped__().values()]
    assert dates == ["2026-11-30", "2027-01-22", "2025-07-21", "2026-06-03"]


def test_a_model_is_flawed_from_its_last_day_on_and_said_60_days_before(monkeypatch):
    monkeypatch.setattr(
        check_notebooks, "retirements", lambda: {HAIKU: datetime.date(2026, 11, 30)}
    )
    said = {
        (2026, 9, 30): "",
        (2026, 10, 1): "ends on 2026-11-30, in 60 days",
        (2026, 11, 29): "ends on 2026-11-30, in 1 day",
        (2026, 11, 30): "was retired on 2026-11-30",
        (2026, 12, 1): "was retired on 2026-11-30",
    }
    for day, words in said.items():
        assert check_notebooks.flaw_of_model(HAIKU, datetime.date(*day)) == words


def test_a_model_that_the_sdk_has_forgotten_is_flawed():
    flaw = check_notebooks.flaw_of_model("claude-9-haiku")
    assert flaw.startswith(f"is not one that anthropic {anthropic.__version__} knows")
    assert "retired" in flaw


def test_a_model_that_the_api_refused_while_it_was_recorded_is_there_on_purpose(course, capsys):
    write(course, "01_agent", "wrong = 'claude-haiku-4'")
    assert command_line.main(["check", "--no-run"]) == 1
    assert "01_agent.ipynb, cell 2: model 'claude-haiku-4'" in capsys.readouterr().out
    keep(course, "01_agent", "Hello", model="claude-haiku-4", status=404)
    assert command_line.main(["check", "--no-run"]) == 0


def test_a_model_in_a_module_beside_the_notebooks_is_looked_at_too(course, capsys):
    write(course, "01_agent")
    keep(course, "01_agent", "Hello")
    module = course / "util.py"
    module.write_text(f"# a\nMODEL = 'claude-haiku-4'\nKEY = '{KEYS['an AWS key']}'\n", "utf-8")
    assert command_line.main(["check", "--no-run"]) == 1
    secret, model = capsys.readouterr().out.splitlines()[:-1]
    assert f"{module.relative_to(course.parent)}, line 3: looks like an AWS key." in secret
    assert "util.py, line 2: model 'claude-haiku-4' is not one that" in model


@pytest.mark.parametrize("model", [HAIKU, SONNET, OPUS])
def test_the_models_of_the_course_are_known_to_the_sdk_and_not_about_to_end(model):
    assert check_notebooks.flaw_of_model(model) == "" and model not in DEPRECATED_MODELS


def test_help_has_an_example_for_each_command_and_the_exit_codes(capsys):
    assert command_line.main([]) == 2
    said = capsys.readouterr().out
    for expected in (
        "mas_helpers record 01_agent",
        "mas_helpers check",
        "--no-run",
        "exit codes",
        "130",
    ):
        assert expected in said


@pytest.mark.slow
def test_check_sees_a_miss_that_the_lesson_itself_catches(course, capsys):
    write(
        course,
        "01_agent",
        "ask('Hello')",
        "try:\n    ask('Hallo')\nexcept Exception as error:\n    print('none')",
    )
    keep(course, "01_agent", "Hello")
    assert command_line.main(["check"]) == 1
    found = capsys.readouterr().out
    assert (
        "01_agent: A call on recording '01_agent' asked something that was never recorded." in found
    )
    assert "Its own code caught the error." in found
