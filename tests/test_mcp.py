"""Tools of other people's servers: named, pinned, limited, marked. Skills, and handoffs."""

import asyncio
import contextlib
import io
import runpy
import sys
from pathlib import Path

import pytest
from anthropic.lib.tools import ToolError
from mcp import StdioServerParameters
from mcp.server import MCPServer
from mcp.types import ImageContent, TextContent

from mas_helpers import HAIKU, Agent, ToolAgent, context, fake_client, run, trace
from mas_helpers.agents import (
    ReplyTruncated,
    ToolChanged,
    fingerprint,
    handoff,
    pin_tools,
    same_marks,
    server_tools,
    skill_list,
    skill_reader,
    skills_in,
    toolbox,
    untrusted,
)

RAIL = Path(__file__).parents[1] / "notebooks" / "rail.py"


@pytest.fixture(scope="module")
def railway():
    return runpy.run_path(str(RAIL))["railway"]  # an import would leave a __pycache__ in notebooks


async def call_first(server, pins=None, **limits):
    """What the first pinned tool of a server returns for Stell."""
    pins = pins or await pin_tools(server)
    async with server_tools(server, pins, **limits) as (tool, *_):
        return await tool.call({"station": "Stell"})


def inside(text):
    """What stands between the marks, which have to be equal, of a form, and not in it."""
    first, *lines, last = text.split("\n")
    assert first == last and len(first) == 42 and first.startswith("untrusted-")
    assert first not in lines
    return "\n".join(lines)


@pytest.fixture
def program():
    """The railway's server as a command."""
    return StdioServerParameters(command=sys.executable, args=[str(RAIL)])


def test_a_program_beside_this_one_offers_what_the_same_server_in_this_process_does(
    railway, program
):
    beside = run(pin_tools(program))
    assert set(beside) == {"departures", "cancel_train"}
    assert beside["departures"] == run(pin_tools(railway()))["departures"]
    assert "10:30" in inside(run(call_first(program, {"departures": beside["departures"]})))


def test_a_program_is_started_where_stderr_is_no_file(program, monkeypatch):
    """As in a kernel: on Windows always, elsewhere where its output is captured."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(sys, "__stderr__", None)
    assert "departures" in run(pin_tools(program))


def test_a_program_is_gone_when_its_block_is_left(tmp_path):
    """No process stays behind: the one that was started writes when it ends."""
    gone = tmp_path / "gone"
    program = tmp_path / "server.py"
    program.write_text(
        "import atexit, sys\nfrom pathlib import Path\nfrom mcp.server import MCPServer\n"
        f"atexit.register(Path({str(gone)!r}).write_bytes, b'gone')\n"
        "server = MCPServer('one', log_level='ERROR')\n"
        "@server.tool()\ndef one() -> str:\n    return '1'\nserver.run()\n",
        encoding="utf-8",
    )
    run(pin_tools(StdioServerParameters(command=sys.executable, args=[str(program)])))
    assert gone.read_bytes() == b"gone"


@pytest.mark.parametrize(
    "change",
    [
        {"says": "The trains."},
        {"argument": "a station"},
    ],
)
def test_what_a_model_reads_is_in_the_fingerprint(railway, change):
    assert run(pin_tools(railway())) == run(pin_tools(railway()))
    with pytest.raises(ToolChanged, match="departures reads otherwise"):
        run(call_first(railway(**change), run(pin_tools(railway()))))


def test_what_a_tool_does_is_not_in_the_fingerprint(railway):
    pins = run(pin_tools(railway()))
    assert inside(run(call_first(railway(answer="a lie"), pins))) == "a lie"


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    one = {"name": "a", "description": "b"}
    assert fingerprint(one) == fingerprint(dict(reversed(one.items())))
    assert fingerprint(one) != fingerprint({"name": "b", "description": "a"})


def test_a_tool_that_is_gone_is_named_and_one_that_is_not_pinned_is_left_out(railway):
    pins = run(pin_tools(railway()))
    with pytest.raises(ToolChanged, match="arrivals is gone"):
        run(call_first(railway(), {"arrivals": "0"}))
    server = railway()
    server.add_tool(lambda: "x", name="more", description="More.")

    async def names():
        async with server_tools(server, pins) as tools:
            return list(toolbox(tools))

    assert run(names()) == ["departures"]


def test_a_result_has_its_seconds_and_no_more(railway):
    async def timed(seconds, limit):
        began = asyncio.get_running_loop().time()
        with contextlib.suppress(ToolError):
            await call_first(railway(seconds=seconds), seconds=limit)
        return asyncio.get_running_loop().time() - began

    assert run(timed(3600, 5.0), clock="virtual") == 5.0
    assert run(timed(4, 5.0), clock="virtual") == 4.0
    with pytest.raises(ToolError, match="no answer in time"):
        run(call_first(railway(seconds=3600)), clock="virtual")


def test_a_long_result_is_cut_and_says_so(railway):
    whole = inside(run(call_first(railway(answer="x" * 100), most_characters=100)))
    assert whole == "x" * 100
    cut = inside(run(call_first(railway(answer="x" * 101), most_characters=100)))
    assert cut == "x" * 100 + "\n[cut: 100 of 101 characters]"


def test_what_is_no_text_is_left_out_and_an_error_is_marked_and_cut():
    server = MCPServer("other", log_level="ERROR")

    @server.tool()
    def picture(station: str) -> list:
        image = ImageContent(type="image", data="AA==", mime_type="image/png")
        return [TextContent(type="text", text="a picture"), image]

    assert inside(run(call_first(server))) == "a picture\n[left out: what is no text]"

    failing = MCPServer("other", log_level="ERROR")

    @failing.tool()
    def arrivals(platform: int) -> str:
        return "09:00"

    with pytest.raises(ToolError) as raised:
        run(call_first(failing, most_characters=30))
    assert inside(str(raised.value)).splitlines()[-1].startswith("[cut: 30 of ")


def test_an_error_in_the_block_comes_out_as_it_is(railway):
    """mcp's own client makes an ExceptionGroup of it."""

    async def fail(error):
        async with server_tools(railway(), await pin_tools(railway())):
            raise error

    for error in (KeyError("mine"), ReplyTruncated("desk", None), ToolChanged("mine")):
        with pytest.raises(type(error)) as raised:
            run(fail(error))
        assert raised.value is error


@pytest.mark.parametrize(
    ("script", "error"),
    [("import sys; sys.exit(3)", "MCPError"), ("import time; time.sleep(60)", "TimeoutError")],
)
def test_a_program_that_is_no_server_is_one_error(script, error):
    program = StdioServerParameters(command=sys.executable, args=["-c", script])
    with pytest.raises(Exception) as raised:
        run(pin_tools(program, seconds=5.0 if "exit" in script else 0.5))
    assert type(raised.value).__name__ == error


def test_marks_are_never_the_same_and_a_replay_takes_them_for_one():
    assert len({untrusted("x").split("\n")[0] for _ in range(100)}) == 100
    requests = [{"messages": [{"content": untrusted("x \u2028 \n y")}]} for _ in range(2)]
    assert requests[0] != requests[1]
    assert same_marks(requests[0]) == same_marks(requests[1])
    assert "x \u2028 \n y" in same_marks(requests[0])["messages"][0]["content"]


def test_a_tool_of_a_server_goes_into_an_agent_like_any_other(railway):
    sent = []

    def model(body):
        sent.append(body)
        if len(sent) > 1:
            return "done"
        call = {"type": "tool_use", "id": "t1", "name": "departures", "input": {"station": "Stell"}}
        return {"content": [call]}

    async def ask():
        async with server_tools(railway(), await pin_tools(railway())) as tools:
            agent = ToolAgent("desk", HAIKU, "s", client=fake_client(model), tools=tools)
            return await agent.run("When?")

    assert run(ask()) == "done"
    (result,) = sent[1]["messages"][-1]["content"]
    assert "10:30" in inside(result["content"]) and "is_error" not in result


def skill(folder, name, head, body="Do it.\n"):
    (folder / name).mkdir()
    (folder / name / "SKILL.md").write_text(f"---\n{head}---\n{body}", encoding="utf-8")


def test_a_skill_is_listed_by_its_head_and_read_when_it_is_asked_for(tmp_path):
    skill(tmp_path, "b-two", "name: b-two\ndescription: For two.\n")
    skill(tmp_path, "a-one", "name: a-one\ndescription: For one.\n", "See more.md\n")
    (tmp_path / "a-one" / "more.md").write_text("More.", encoding="utf-8")
    (tmp_path / "no-skill").mkdir()
    skills = skills_in(tmp_path)
    assert skill_list(skills) == "- a-one: For one.\n- b-two: For two."
    read = skill_reader(skills)
    assert read("a-one").endswith("See more.md\n") and read("a-one", "more.md") == "More."


@pytest.mark.parametrize(
    "head",
    [
        "name: other\ndescription: d\n",
        "description: d\n",
        "name: one\n",
        "name: one\ndescription: ''\n",
        "name: one\ndescription: [1]\n",
        f"name: one\ndescription: {'d' * 1025}\n",
        "- name\n",
        "name: [\n",
    ],
)
def test_a_folder_whose_head_is_none_is_no_skill(tmp_path, head):
    skill(tmp_path, "one", head)
    with pytest.raises(ValueError, match="one/SKILL.md"):
        skills_in(tmp_path)


def test_a_skill_without_a_head_is_none(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "SKILL.md").write_text("Do it.", encoding="utf-8")
    with pytest.raises(ValueError, match="one/SKILL.md"):
        skills_in(tmp_path)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("one", "../secret.md"),
        ("one", "..\\secret.md"),
        ("one", "/etc/hosts"),
        ("one", "C:\\secret.md"),
        ("one", "SKILL.md/../../secret.md"),
        ("one", "%2e%2e/secret.md"),
        ("one", ""),
        ("..", "secret.md"),
        ("one/..", "secret.md"),
        (".", "secret.md"),
        ("", "secret.md"),
        ("one", "link.md"),
    ],
)
def test_a_reader_of_skills_stays_in_their_folders(tmp_path, name, file):
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    skill(tmp_path, "one", "name: one\ndescription: d\n")
    with contextlib.suppress(OSError):  # Windows lets not everybody make one
        (tmp_path / "one" / "link.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(ToolError):
        skill_reader(skills_in(tmp_path))(name, file)


def two_agents(answer_of_claims):
    """A desk that hands over what it was told in fewer words, and what claims was sent."""
    sent = []

    def desk_model(body):
        if len(body["messages"]) == 1:
            call = {"type": "tool_use", "id": "t", "name": "ask_claims", "input": {}}
            return {"content": [call | {"input": {"task": "A train was late. What is due?"}}]}
        return body["messages"][-1]["content"][0]["content"]

    def claims_model(body):
        sent.append(body["messages"][0]["content"])
        return answer_of_claims

    claims = Agent("claims", HAIKU, "s", client=fake_client(claims_model))

    def desk(**words):
        tools = [handoff(claims, "Asks claims.", **words)]
        return ToolAgent("desk", HAIKU, "s", client=fake_client(desk_model), tools=tools)

    return desk, sent


def test_a_handoff_gives_the_task_and_the_words_that_no_summary_may_lose():
    desk, sent = two_agents("half")
    assert run(desk().run("My train was late.")) == "half"
    assert run(desk(verbatim="My ramp never came.").run("My train was late.")) == "half"
    assert sent[0] == "A train was late. What is due?"
    assert sent[1].startswith(sent[0]) and sent[1].endswith("\nMy ramp never came.")


def test_what_a_handoff_gave_is_seen_in_the_context():
    desk, _ = two_agents("half of the fare, in four days")
    with trace() as handed:
        run(desk().run("My train was late."))
    assert "claims   desk 7" in context(handed).text


def test_an_agent_without_an_answer_is_a_broken_tool():
    desk, _ = two_agents({"text": "half of", "stop_reason": "max_tokens"})
    assert run(desk().run("Late.")) == "ask_claims is broken: ReplyTruncated. Do without it."


def test_a_handoff_is_described_by_when_it_is_for():
    claims = Agent("claims", HAIKU, "s", client=fake_client(lambda body: "x"))
    tool = toolbox([handoff(claims, "Asks claims.")])["ask_claims"].to_dict()
    assert tool["description"] == "Asks claims."
    assert list(tool["input_schema"]["properties"]) == ["task"]
