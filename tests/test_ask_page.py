"""What `ask` shows of a run: the tree of agents, their sums, and the page with the answer."""

import asyncio
import contextlib
import io
import json

from anthropic.lib.tools import ToolError
from rich.console import Console

from mas_helpers import HAIKU, Agent, ToolAgent, agent_span, fake_client, run, trace
from mas_helpers.agents.budget import Budget
from mas_helpers.agents.coordinator import Brief, Draft
from mas_helpers.agents.fact_checker import Objection, Research
from mas_helpers.agents.sources import Fact
from mas_helpers.bench.tracing.cost import cost_usd, dollars, dollars_exactly
from mas_helpers.course.ask.page import build_page, run_as_dict
from mas_helpers.course.ask.tree import build_tree, sum_text

USAGE = {"input_tokens": 1000, "output_tokens": 500}


def answer(body):
    """The user's message says how many seconds it takes, and whether it is cut off."""
    if "tools" in body and len(body["messages"]) == 1:
        uses = [
            {"type": "tool_use", "id": f"t{number}", "name": "look", "input": {"at": place}}
            for number, place in enumerate(["tea", "nothing"])
        ]
        return {"content": uses, "stop_reason": "tool_use", "seconds": 1.0, "usage": USAGE}
    seconds, *ends = body["messages"][0]["content"].split()
    content = [{"type": "text", "text": "Fine."}]
    reason = "max_tokens" if "cut" in ends else "end_turn"
    return {"content": content, "stop_reason": reason, "seconds": float(seconds), "usage": USAGE}


def look(at: str) -> str:
    """Looks."""
    if at == "nothing":
        raise ToolError("nothing is there")
    return "green"


def traced(*agents_and_prompts, limit=None, budget=None):
    """All at once: `("writer", "2")`; "looker" has a tool."""
    with trace() as t:
        client = fake_client(answer, middleware=[] if budget is None else [Budget(budget, t)])

        async def main():
            agents = [
                ToolAgent(name, HAIKU, "s", client=client, tools=[look])
                if name == "looker"
                else Agent(name, HAIKU, "s", client=client)
                for name, _ in agents_and_prompts
            ]
            jobs = (
                one.run(prompt) for one, (_, prompt) in zip(agents, agents_and_prompts, strict=True)
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await asyncio.gather(*jobs, return_exceptions=True)

        run(main(), clock="virtual")
    return t


def price(t, count=1):
    """What so many of the calls cost, as it is written."""
    return dollars(count * cost_usd(t.calls[0]))


def tree_text(t, *height):
    file = io.StringIO()
    Console(file=file, width=100).print(build_tree(t, "the question", *height))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_the_tree_has_an_agent_a_line_with_its_tools_below_and_the_sum():
    t = traced(("writer", "2"), ("looker", "1"))
    assert tree_text(t) == [
        "the question",
        f"├── ✓ writer    2.0 s · 1 call · 1,500 tokens · {price(t)}",
        f"└── ✓ looker    2.0 s · 2 calls · 3,000 tokens · {price(t, 2)}",
        "    ├── look: tea",
        "    └── look: nothing  ✗",
        f"2.0 s · 3 calls · 4,500 tokens · {price(t, 3)}",
    ]


def test_tools_are_counted_in_their_agents_line_where_the_window_is_too_low():
    t = traced(("writer", "2"), ("looker", "1"))
    assert tree_text(t, 7) == tree_text(t)
    assert tree_text(t, 6)[2] == f"{tree_text(t)[2]} · 2 × look"
    assert len(tree_text(t, 6)) == 4


def test_an_agent_that_failed_and_one_that_was_cancelled_say_so():
    t = traced(("writer", "1 cut"), ("patient", "9"), limit=3.0)
    lines, usd = tree_text(t), price(t)
    assert lines[1] == f"├── ✗ writer    1.0 s · 1 call · 1,500 tokens · {usd} · ReplyTruncated"
    assert lines[2] == "└── ■ patient    3.0 s · 1 call · 0 tokens · $0.00 · given up"
    assert lines[3] == f"3.0 s · 2 calls · 1,500 tokens · {usd} · 1 cancelled"


def test_an_agent_that_gave_a_call_up_itself_and_went_on_says_so():
    async def impatient():
        client = fake_client(answer)
        with agent_span("impatient"), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await client.messages.create(
                    model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "9"}]
                )

    with trace() as t:
        run(impatient(), clock="virtual")
    assert tree_text(t)[1] == "└── ■ impatient    2.0 s · 1 call · 0 tokens · $0.00 · given up"


def test_an_agent_at_work_is_marked_and_counts_on():
    lines = []

    async def main():
        client = fake_client(answer)
        work = asyncio.create_task(Agent("researcher", HAIKU, "s", client=client).run("9 s  it is"))
        await asyncio.sleep(4)
        lines.extend(tree_text(t))
        await work

    with trace() as t:
        run(main(), clock="virtual")
    assert lines[1:] == [
        "└── ● researcher    4.0 s · 1 call · 0 tokens · $0.00 · asking …",
        "4.0 s · 1 call · 0 tokens · $0.00 · 1 still running",
    ]


def test_a_researcher_that_has_answered_shows_what_it_was_asked():
    t = traced(("researcher", "1 on\n the ferry"), ("writer", "2 a brief"))
    assert tree_text(t)[1].endswith(f"{price(t)}  1 on the ferry")
    assert tree_text(t)[2].endswith(price(t))


def test_a_call_that_the_budget_stopped_did_not_go_out():
    t = traced(("writer", "1"), budget=0.0)
    assert sum_text(t) == "0.0 s · 0 calls · 0 tokens · $0.00"


def test_a_budget_is_named_as_it_was_written():
    usd = [0.02, 0.125, 0.00001, 2000.0, 0.0]
    assert list(map(dollars_exactly, usd)) == ["$0.02", "$0.125", "$0.00001", "$2,000", "$0"]


FACTS = [
    Fact(claim="The ferry carried 80", document="ferry.md", words="80 people"),
    Fact(claim="The bus carried 20", document="bus.md", words="20 people"),
]
STANDS = Objection(words="No one walks", reason="no source says so")
FIXED = Objection(words="90 people", reason="it is 80")


def brief(*objections, unchecked="", earlier=""):
    drafts = [Draft("It carried 90 people [1].", {"fact-checker": list(objections)}, "")]
    drafts.append(Draft("It carried 80 people [1]. No one walks [2].", {}, unchecked))
    failed = "timeout" if earlier else ""
    research = [
        Research("the ferry", FACTS[:1], [], failed=failed, earlier=earlier),
        Research("the bus", FACTS[1:], ["what it costs"]),
    ]
    return Brief("How many?", research, drafts)


def test_the_page_has_the_answer_its_sources_its_history_and_the_caveats():
    assert build_page(brief(STANDS, FIXED, FIXED, earlier="2 May")).splitlines() == [
        "It carried 80 people [1]. No one walks [2].",
        "",
        "Sources",
        '[1] The ferry carried 80 (ferry.md (found on 2 May): "80 people")',
        '[2] The bus carried 20 (bus.md: "20 people")',
        "",
        "2 drafts, 3 objections, 2 fixed",
        "",
        "To know beside it",
        "- facts of 2 May on 'the ferry': timeout",
        "- not known: what it costs",
    ]


def test_the_page_says_that_nobody_objected_or_that_nobody_checked():
    assert "\n2 drafts, no objection\n" in build_page(brief())
    unchecked = build_page(brief(FIXED, unchecked="the checker refused"))
    assert "\n2 drafts, 1 objection, 1 fixed, not fact-checked\n" in unchecked


def test_the_page_is_no_wider_than_the_terminal_nor_than_a_hundred_columns(monkeypatch):
    long = Brief("?", [], [Draft("word " * 100, {}, "")])
    for columns, widest in [("40", 40), ("300", 100)]:
        monkeypatch.setenv("COLUMNS", columns)
        assert max(map(len, build_page(long).splitlines())) in range(widest - 5, widest + 1)


def test_the_whole_run_for_a_program_has_no_prompt_and_is_there_without_a_brief():
    t = traced(("writer", "2"))
    whole = run_as_dict(None, t)
    assert (whole["answer"], whole["sources"], whole["drafts"]) == ("", [], [])
    assert whole["calls"][0]["answer"] == "Fine." and not {"prompt", "system"} & {
        *whole["calls"][0]
    }
    assert whole["models_without_price"] == []
    assert whole["seconds"] == 2.0 and whole["cost_usd"] == cost_usd(t) > 0
    whole = run_as_dict(brief(STANDS), t)
    assert [source["document"] for source in whole["sources"]] == ["ferry.md", "bus.md"]
    assert whole["drafts"][0]["objections"] == {"fact-checker": [dict(STANDS)]}
    assert json.loads(json.dumps(whole))["calls"][0]["end"] == 2.0


def test_a_model_without_a_price_is_named_and_the_rest_counted():
    with trace() as t:
        client = fake_client(answer)
        for model in (HAIKU, "qwen3"):
            run(Agent("writer", model, "s", client=client).run("2"), clock="virtual")
    known = cost_usd(t.calls[0])
    assert tree_text(t)[-1].endswith(f"{dollars(known)} + unknown: qwen3")
    whole = run_as_dict(None, t)
    assert [call["cost_usd"] for call in whole["calls"]] == [known, None]
    assert (whole["cost_usd"], whole["models_without_price"]) == (known, ["qwen3"])
