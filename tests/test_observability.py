"""Who brought a number in, what the log of a run holds, and what leaves the process."""

import functools
import json
import logging
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mas_helpers import HAIKU, Agent, ToolAgent, agent_span, fake_client, fan_out, run, trace
from mas_helpers.agents import (
    blame,
    exporting,
    holds,
    log_entry,
    mentions,
    numbers_in,
    redact,
    redact_span,
    write_log,
)
from mas_helpers.bench import missing_attributes

# who brought it in


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("fuel took 41,200.", "41,200", True),
        ("tickets brought 141,200", "41,200", False),
        ("41,2001 and 41,200.5 and 1.41,200", "41,200", False),
        ("fuel took 41200 in all", "41,200", True),
        ('{"fuel": 41200.00}', "41,200", True),
        ("fuel took EUR41'200", "41,200", True),
        ("fuel took 41\u202f200", "41200", True),
        ("between 40,000-41,200", "41,200", True),
        ("in 2024, 200 people", "2024", True),
        ("0.5 of it", "5", False),
        ("Ines Dahl steered", "ines  dahl", True),
        ("Ines Dahlberg steered", "Ines Dahl", False),
        ("a bill of 1,041 euros", "41 euros", False),
        ("a bill of 41\neuros.", "41 euros", True),
        ("version 3.41 euros", "41 euros", False),
        ("(a+b) is there", "(a+b)", True),
        ("", "41,200", False),
    ],
)
def test_words_are_found_whole_and_numbers_as_numbers(text, words, expected):
    assert holds(text, words) is expected


def test_numbers_are_read_as_english_writes_them():
    assert list(map(str, numbers_in("141,200 from 35,300 at 4.00; 1,2345"))) == [
        "141200", "35300", "4.00", "1", "2345",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["", "  \n"])
def test_no_words_to_look_for_is_an_error(words):
    with pytest.raises(ValueError, match="no words"):
        holds("anything", words)


def agent(name, answers, system="", seconds=1.0):
    def model(body):
        prompt = body["messages"][-1]["content"]
        text = answers(prompt) if callable(answers) else answers
        return {"content": [{"type": "text", "text": text}], "seconds": seconds}

    return Agent(name, HAIKU, system, client=fake_client(model))


def traced(job):
    with trace() as t:
        run(job, clock="virtual")
    return t


async def in_a_line(*agents, prompt="What did the ferry cost?"):
    for one in agents:
        prompt = await one.run(prompt)


def test_the_first_who_says_it_unprompted_is_blamed_and_not_those_who_pass_it_on():
    tickets = agent("tickets", "Tickets brought 141,200.")
    fuel = agent("fuel", "Fuel took 41,200.", system="Fuel book: 14,200")
    writer = agent("writer", lambda prompt: "Fuel: 41,200 of 141,200.")
    editor = agent("editor", lambda prompt: f"Edited. {prompt}")

    async def report():
        parts = await fan_out({one.name: one.run("?") for one in (tickets, fuel)})
        await in_a_line(writer, editor, prompt="\n".join(parts.values()))

    t = traced(report())
    assert blame(t, "41,200").agent == "fuel"
    assert [(m.call.agent, m.was_given, m.said) for m in mentions(t, "41,200")] == [
        ("fuel", False, True), ("writer", True, True), ("editor", True, True),
    ]  # fmt: skip


def test_of_two_who_say_it_at_once_the_first_to_answer_is_blamed():
    slow, fast = agent("slow", "41,200", seconds=9.0), agent("fast", "41,200", seconds=2.0)
    t = traced(fan_out({one.name: one.run("?") for one in (slow, fast)}))
    assert blame(t, "41,200").agent == "fast"


@pytest.mark.parametrize("where", ["prompt", "system"])
def test_who_was_given_it_is_not_blamed(where):
    one = agent("a", "41,200", system="Fuel book: 41,200" if where == "system" else "")
    t = traced(one.run("Is it 41200?" if where == "prompt" else "?"))
    with pytest.raises(LookupError, match="Everybody who said '41,200' had been given it, the a"):
        blame(t, "41,200")


def test_nobody_said_it():
    t = traced(agent("a", "fine").run("Is it 41,200?"))
    with pytest.raises(LookupError, match="No answer in this run holds '41,200'"):
        blame(t, "41,200")
    with trace() as empty:
        pass
    with pytest.raises(LookupError, match="No answer"):
        blame(empty, "41,200")


def tool_run(arguments, result, answer):
    async def look_up(what: str) -> str:
        """Looks it up."""
        return result

    def model(body):
        if len(body["messages"]) == 1:
            use = {"type": "tool_use", "id": "t", "name": "look_up", "input": {"what": arguments}}
            return {"content": [use], "stop_reason": "tool_use"}
        return {"content": [{"type": "text", "text": answer}]}

    return traced(ToolAgent("a", HAIKU, "", client=fake_client(model), tools=[look_up]).run("?"))


def test_what_a_tool_returned_was_given_and_what_went_into_it_was_said():
    with pytest.raises(LookupError, match="had been given it"):
        blame(tool_run("fuel", "41,200", "It is 41,200."), "41,200")
    t = tool_run("is it 41,200", "yes: 41,200", "It is 41,200.")
    assert blame(t, "41,200") is t.calls[0]


# the log


def test_a_log_line_has_who_what_how_long_and_what_it_cost():
    def model(body):
        usage = {"input_tokens": 1000, "output_tokens": 100}
        return {"content": [{"type": "text", "text": "Grüße"}], "usage": usage, "seconds": 2.0}

    t = traced(Agent("a", HAIKU, "", client=fake_client(model)).run("é?"))
    entry = log_entry(t.calls[0])
    assert entry.pop("run") == f"{t.spans[0].context.trace_id:032x}"
    assert entry == {
        "agent": "a", "model": HAIKU, "start": 0.0, "seconds": 2.0, "input": "é?",
        "output": "Grüße", "input_tokens": 1000, "output_tokens": 100, "usd": 0.00015, "error": "",
    }  # fmt: skip


def test_a_model_without_a_price_costs_null_and_not_nothing(capsys):
    t = traced(Agent("a", "qwen3", "", client=fake_client(usage_of(10))).run("?"))
    assert log_entry(t.calls[0])["usd"] is None


def usage_of(tokens):
    usage = {"input_tokens": tokens, "output_tokens": tokens}
    return lambda body: {"content": [{"type": "text", "text": "x"}], "usage": usage}


def test_the_log_is_json_lines_and_a_half_line_is_ended_before_the_next(tmp_path):
    path = tmp_path / "runs.jsonl"
    t = traced(agent("a", "one\ntwo").run("?"))
    assert write_log(t, path) == 1
    with path.open("a", encoding="utf-8") as file:
        file.write('{"agent": "b", "outp')  # killed while it wrote
    write_log(t, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(lines[n])["output"] for n in (0, 2)] == ["one\ntwo", "one\ntwo"]
    assert len(lines) == 3 and path.read_bytes().endswith(b"\n")


def test_the_log_holds_no_mail_no_key_and_no_name(tmp_path):
    path = tmp_path / "runs.jsonl"
    write_log(traced(agent("a", SAYS_ALL).run(SAYS_ALL)), path, people=PEOPLE)
    written = path.read_text(encoding="utf-8")
    assert_clean(written)
    assert written.count("[person]") == 2 * 2


def test_jq_reads_the_log(tmp_path):
    if not shutil.which("jq"):
        pytest.skip("needs jq")
    path = tmp_path / "runs.jsonl"
    write_log(traced(in_a_line(agent("a", "x"), agent("b", "y"))), path)
    command = ["jq", "-c", "[.agent, .output]", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ['["a","x"]', '["b","y"]']


# what leaves the process

KEY = "sk-ant-" + "api03-" + "Q7" * 12
PEOPLE = ["Ines Dahl", "José Müller"]
SAYS_ALL = (
    f"Ask Ines Dahl, ines.dahl+sea@mail.example.org, +44 1632 960 143, key {KEY}, José Müller"
)
PARTS = ["Ines", "Dahl", "example.org", "1632", KEY, "José", "Jos\\u00e9", "Müller"]


def assert_clean(text):
    assert [part for part in PARTS if part in text] == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail a.b+c@x-y.example.org.", "mail [mail]."),
        ("call +44 (0)1632 960-143 now", "call [phone] now"),
        ("call 0044 1632 960143", "call [phone]"),
        ("call 01632 960143", "call [phone]"),
        ("call (555) 555-0143, 555-555-0143", "call [phone], [phone]"),
        ("card 4111 1111 1111 1111, 4111111111111111", "card [card], [card]"),
        ("to DE89 3704 0044 0532 0130 00", "to [iban]"),
        ("Ines  Dahl and INES DAHL", "[person] and [person]"),
        ("Ines Dahlberg", "Ines Dahlberg"),
        (f"key {KEY}!", "key [secret]!"),
        ('{"to": "a@b.example"}', '{"to": "[mail]"}'),
        ('{"who": "Jos\\u00e9 M\\u00fcller"}', '{"who": "[person]"}'),
        ('["{\\"who\\": \\"Ines Dahl\\"}"]', '["{\\"who\\": \\"[person]\\"}"]'),
        ("[not JSON, Ines Dahl", "[not JSON, [person]"),
    ],
)
def test_personal_data_is_taken_out_also_of_json(text, clean):
    assert redact(text, PEOPLE) == clean


@pytest.mark.parametrize(
    "text",
    ["On 2026-11-27 at 06:30 it took 141,200 from 35,300 at 4.00, 12.5 % more: 3,900 + 2,800.",
     "claude-haiku-5-5 req_01 1795801079682.5 0.00042 rooms 101-104"],
)  # fmt: skip
def test_figures_and_dates_stay(text):
    assert redact(text, PEOPLE) == text


def test_the_key_in_use_is_taken_out_whatever_it_looks_like(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "house-key-without-a-pattern")
    assert redact("it is house-key-without-a-pattern") == "it is [secret]"


def test_names_of_fields_lists_and_bytes_are_looked_through_and_nothing_is_changed():
    value = {"Ines Dahl": ["a@b.example", ("Ines Dahl", 7)], "raw": b"Ines Dahl", "n": 4.0}
    before = repr(value)
    assert redact(value, PEOPLE) == {
        "[person]": ["[mail]", ["[person]", 7]], "raw": b"[person]", "n": 4.0,
    }  # fmt: skip
    assert repr(value) == before


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted, once it may; `status` is its answer."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.may_answer.wait(60)
        self.server.bodies.append(body)
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.bodies, server.status, server.may_answer = [], 200, threading.Event()
    server.may_answer.set()
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _quiet():
    logger = logging.getLogger("opentelemetry")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(level)


def otlp(server, **options):
    return OTLPSpanExporter(endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces", **options)


def arrived(server):
    return [
        span
        for body in server.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_a_run_arrives_as_one_trace_with_its_seconds(receiver):
    team = {name: agent(name, "x", seconds=200.0).run("?") for name in ("a", "b")}
    with exporting(otlp(receiver)) as delivery:
        run(fan_out(team), clock="virtual")
    found = arrived(receiver)
    assert (delivery.ended, delivery.sent, delivery.lost) == (5, 5, 0)
    assert len({span.trace_id for span in found}) == 1
    (root,) = [span for span in found if not span.parent_span_id]
    assert (root.name, root.end_time_unix_nano - root.start_time_unix_nano) == (
        "invoke_workflow fan_out", 200 * 10**9,
    )  # fmt: skip


async def everything():
    """Personal data in a system prompt, a prompt, an answer, a tool, an error and a span's name."""

    async def look_up(what: str) -> str:
        """Looks it up."""
        raise KeyError(SAYS_ALL)

    def model(body):
        if len(body["messages"]) == 1:
            call = {"type": "tool_use", "id": "t", "name": "look_up", "input": {"what": SAYS_ALL}}
            return {"content": [call], "stop_reason": "tool_use"}
        return {"content": [{"type": "text", "text": SAYS_ALL}]}

    client = fake_client(model)
    await ToolAgent("a", HAIKU, SAYS_ALL, client=client, tools=[look_up]).run(SAYS_ALL)
    with agent_span("asks Ines Dahl"):
        raise RuntimeError(SAYS_ALL)


@pytest.mark.filterwarnings("ignore::mas_helpers.agents.tools.ToolWarning")  # the tool breaks
@pytest.mark.parametrize("content", [True, False])
def test_what_leaves_the_process_holds_no_key_and_no_person(receiver, content):
    cleaned = functools.partial(redact_span, people=PEOPLE, content=content)
    with exporting(otlp(receiver), redact=cleaned) as delivery, pytest.raises(RuntimeError):
        run(everything(), clock="virtual")
    left = b"\n".join(receiver.bodies)
    assert delivery.sent == delivery.ended > 5
    for part in PARTS:
        assert part.encode() not in left, part
    assert b"[person]" in left  # the span's name
    assert (b"[mail]" in left) is content


def test_keys_and_addresses_are_taken_out_without_being_asked(receiver):
    with exporting(otlp(receiver)):
        run(agent("a", SAYS_ALL).run("?"), clock="virtual")
    left = b"\n".join(receiver.bodies)
    assert KEY.encode() not in left and b"example.org" not in left and b"1632" not in left


def test_the_spans_in_memory_keep_their_words():
    exporter = InMemorySpanExporter()
    with exporting(exporter), trace() as t:
        run(agent("a", SAYS_ALL).run("?"), clock="virtual")
    assert t.calls[0].answer == SAYS_ALL
    assert all(missing_attributes(span) == [] for span in exporter.get_finished_spans())


def test_a_run_does_not_wait_for_a_receiver_that_does_not_answer(receiver):
    receiver.may_answer.clear()
    with exporting(otlp(receiver)) as delivery:
        t = traced(agent("a", "x", seconds=4.0).run("?"))
        assert (t.seconds, delivery.sent, receiver.bodies) == (4.0, 0, [])  # it is over, and held
        receiver.may_answer.set()
    assert (delivery.sent, delivery.lost) == (3, 0)


def test_what_a_silent_receiver_has_not_taken_in_time_is_a_named_loss(receiver, capfd):
    receiver.may_answer.clear()
    with exporting(otlp(receiver), wait=0.05) as delivery:
        run(agent("a", "x").run("?"), clock="virtual")
    assert (delivery.ended, delivery.sent, delivery.lost) == (3, 0, 3)
    assert (
        "3 of 3 spans did not reach the receiver: no answer within 0.05 s" in capfd.readouterr().err
    )


def test_a_receiver_that_is_down_loses_spans_and_no_answer(capfd):
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        port = server.server_port  # free again below
    down = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{port}/v1/traces", timeout=0.01)
    with exporting(down) as delivery:
        assert run(agent("a", "x").run("?"), clock="virtual") == "x"
    assert delivery.lost == 3
    assert "3 of 3 spans did not reach the receiver" in capfd.readouterr().err


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_a_receiver_that_refuses_loses_spans_with_a_reason(receiver, status, capfd):
    receiver.status = status
    with exporting(otlp(receiver)) as delivery:
        run(agent("a", "x").run("?"), clock="virtual")
    assert delivery.lost == 3 and "refused" in capfd.readouterr().err


def test_a_span_that_cannot_be_cleaned_does_not_leave(receiver, capfd):
    def broken(span):
        raise LookupError("no pattern")

    with exporting(otlp(receiver), redact=broken) as delivery:
        run(agent("a", "x").run("?"), clock="virtual")
    assert receiver.bodies == [] and delivery.lost == 3
    assert "LookupError" in capfd.readouterr().err


def test_a_run_of_many_spans_is_sent_whole_and_what_comes_after_the_block_is_not():
    counted = InMemorySpanExporter()
    sizes = []
    export = counted.export
    counted.export = lambda spans: sizes.append(len(spans)) or export(spans)

    async def many():
        one = agent("a", "x")
        await fan_out({str(n): one.run("?") for n in range(1500)}, max_concurrency=1500)

    with exporting(counted, wait=120) as delivery:
        run(many(), clock="virtual")
    run(agent("late", "x").run("?"), clock="virtual")
    assert delivery.sent == delivery.ended == sum(sizes) == 3001


def test_an_exporter_that_raises_is_a_loss_and_no_error(capfd):
    class Broken(InMemorySpanExporter):
        def export(self, spans):
            raise OSError("disk full")

    with exporting(Broken()) as delivery:
        assert run(agent("a", "x").run("?"), clock="virtual") == "x"
    assert (delivery.lost, delivery.reason) == (3, "OSError")
    assert "OSError" in capfd.readouterr().err
