"""What the pictures promise: exact, the same every time, readable, and safe with any name."""

import asyncio
import contextlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from mas_helpers import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    Fault,
    agent_span,
    cost_usd,
    fake_client,
    run,
    trace,
)
from mas_helpers import pictures as p
from mas_helpers.bench.tracing.critical_path import critical_path
from mas_helpers.pictures import palette, svg
from mas_helpers.pictures.text import count_text, seconds_text
from mas_helpers.pictures.timeline_rows import build_rows, find_topics

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "a\x00\n<script>alert('&\"')</script>"


def answer(body):
    seconds, *words = body["messages"][-1]["content"].split()
    answer.asked = [*answer.asked, body["messages"][-1]["content"]]
    if "fail" in words or ("busy" in words and answer.asked.count(f"{seconds} busy") < 2):
        kind = "invalid_request_error" if "fail" in words else "overloaded_error"
        status = 400 if "fail" in words else 529
        return {
            "status": status,
            "seconds": float(seconds),
            "type": "error",
            "error": {"type": kind, "message": "no"},
        }
    usage = {"input_tokens": 210, "output_tokens": int(60 * float(seconds))}
    return {"content": [{"type": "text", "text": "hi"}], "seconds": float(seconds), "usage": usage}


answer.asked = []


@pytest.fixture(autouse=True)
def _forget():
    answer.asked = []


client = fake_client(answer)


def agent(name, model=HAIKU):
    return Agent(name, model, "…", client=client)


def call(seconds, model=HAIKU):
    return client.messages.create(
        model=model, max_tokens=9, messages=[{"role": "user", "content": seconds}]
    )


def traced(work, *arguments):
    async def main():
        await work(*arguments)

    with trace() as t:
        run(main(), clock="virtual")
    return t


async def three():
    await asyncio.gather(
        *(agent(f"worker {name}").run(seconds) for name, seconds in zip("abc", "243", strict=True))
    )


async def nested():
    with agent_span("orchestrator"):
        await agent("planner", OPUS).run("2.5")
        jobs = agent("researcher").run("2"), agent("archivist", SONNET).run("1 fail")
        await asyncio.gather(*jobs, return_exceptions=True)


async def many(count, seconds="1.5"):
    await asyncio.gather(*(agent(f"worker {number}").run(seconds) for number in range(count)))


def parsed(picture):
    return ElementTree.fromstring(picture.svg)


def bars(picture):
    """(x, width) of each call's bar, in the order of rows."""
    root = parsed(picture)
    root.remove(root.find(f"{SVG}g[@class='legend']"))
    return [
        (float(bar.get("x")), float(bar.get("width")))
        for bar in root.iter(f"{SVG}rect")
        if bar.get("class")
    ]


def texts(picture):
    return [element.text for element in parsed(picture).iter(f"{SVG}text")]


def test_the_same_trace_gives_the_same_bytes_and_so_does_a_second_run():
    first, second = p.timeline(traced(three)), p.timeline(traced(three))
    assert first == second and first._repr_mimebundle_() == second._repr_mimebundle_()
    assert p.cost_table(traced(three)) == p.cost_table(traced(three))


def test_a_timeline_in_a_cell_does_not_show_the_microseconds_of_the_cell():
    def in_a_cell():
        with trace() as t, agent_span("cell"):
            sum(range(20_000))
            run(agent("worker").run("2"), clock="virtual")
        return p.timeline(t)

    assert in_a_cell().text.splitlines()[2].endswith("2.0 s")


@pytest.mark.parametrize("count", [1, 3, 40, 61, 1000])
def test_the_picture_is_well_formed_and_no_taller_than_sixty_rows(count):
    root = parsed(p.timeline(traced(many, count)))
    assert (
        root.get("role") == "img" and root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
    )
    assert int(root.get("height")) < 62 * 22 + 200
    assert not [element for element in root.iter() if element.get("id")]


def test_bars_begin_and_end_at_their_seconds():
    (a, b, c), chain = bars(p.timeline(traced(three))), traced(sequence)
    assert a[0] == b[0] == c[0]
    assert [round(width / b[1], 2) for _, width in (a, b, c)] == [0.5, 1.0, 0.75]
    drawn = bars(p.timeline(chain))
    scale = drawn[1][1] / 4.2
    assert [(x - drawn[0][0]) / scale for x, _ in drawn] == pytest.approx([0, 2.5, 6.7], abs=0.01)
    assert [width / scale for _, width in drawn] == pytest.approx([2.5, 4.2, 1.1], abs=0.01)


async def sequence():
    for name, seconds in (("planner", "2.5"), ("writer", "4.2"), ("editor", "1.1")):
        await agent(name).run(seconds)


def test_ticks_stand_where_the_bars_end():
    picture = p.timeline(traced(three))
    ticks = {e.text: float(e.get("x")) for e in parsed(picture).find(f"{SVG}g[@class='seconds']")}
    a, b, c = (x + width for x, width in bars(picture))
    assert (a, c, b) == pytest.approx((ticks["2 s"], ticks["3 s"], ticks["4 s"]), abs=0.11)


@pytest.mark.parametrize("end", [0, 0.001, 0.1, 0.7, 1, 4, 9.99, 59, 300, 86_400])
def test_ticks_are_round_numbers_and_between_two_and_eight(end):
    ticks = svg.round_numbers(end, 7)
    assert ticks[0] == 0 and ticks[-1] <= end and len(ticks) <= 8 and (end == 0 or len(ticks) >= 2)
    assert all(len(f"{tick:g}".replace(".", "").strip("0")) <= 2 for tick in ticks)


def test_text_form_shows_who_when_and_how_long():
    assert (
        str(p.timeline(traced(three)))
        == "timeline · 4.0 s in all · 3 calls · ◀ on the critical path\n"
        "worker a  ████████████████████····················  2.0 s\n"
        "worker b  ████████████████████████████████████████  4.0 s ◀\n"
        "worker c  ██████████████████████████████··········  3.0 s"
    )


def test_agents_stand_under_the_agent_that_started_them_and_a_failed_call_is_marked():
    picture = p.timeline(traced(nested))
    assert (
        picture.text == "timeline · 4.5 s in all · 3 calls · 1 failed · ◀ on the critical path\n"
        "orchestrator  ────────────────────────────────────────  4.5 s\n"
        "  planner     ██████████████████████··················  2.5 s ◀\n"
        "  researcher  ······················██████████████████  2.0 s ◀\n"
        "  archivist   ······················▒▒▒▒▒▒▒▒▒·········  1.0 s · ✗ invalid_request_error"
    )
    assert f'fill="{palette.FAILED_PAPER}" stroke="{palette.FAILED}"' in picture.svg
    assert "stroke-dasharray" in picture.svg
    assert "failed" in texts(picture)


@pytest.mark.parametrize(
    ("prompts", "topics"),
    [
        (["What of ferries?", "What of buses?"], ["ferries", "buses"]),
        (["Fares: who pays?", "Boats: how many?"], ["Fares: who pays", "Boats: how many"]),
        (["Task: one two three four five six", "Task: seven"], ["one two three f…", "seven"]),
        # torn out of the middle of a sentence, they'd say nothing
        (["It is said that " + "a " * 9, "It is said that " + "b " * 9], ["#1", "#2"]),
        (["the same", "the same"], ["#1", "#2"]),
    ],
)
def test_rows_of_one_agent_say_which(prompts, topics):
    assert find_topics(prompts) == topics


def test_several_calls_of_one_agent_share_a_row_unless_they_overlap():
    async def looker():
        with agent_span("looker"):
            await call("1")
            await asyncio.sleep(1)
            await call("2")

    async def gatherer():
        with agent_span("gatherer"):
            await asyncio.gather(call("1"), call("2"))

    assert p.timeline(traced(looker)).text.splitlines()[1:] == [
        "looker  ██████████──────────████████████████████  4.0 s · 2 calls ◀"
    ]
    labels = [
        line.split("  ")[0] or line.split()[0]
        for line in p.timeline(traced(gatherer)).text.splitlines()[1:]
    ]
    assert labels == ["gatherer", "haiku-5-5", "haiku-5-5"]


def test_calls_of_one_agent_without_a_pause_between_them_share_a_row():
    async def looker():
        with agent_span("looker"):
            await call("1")
            await call("2")

    (row,) = build_rows(traced(looker))
    assert [request.seconds for request, _ in row.attempts] == [1.0, 2.0]


async def plan_work_and_sum_up(*seconds, limit=9):
    await agent("planner").run("1")
    await jobs(*seconds, limit=limit)
    await agent("synthesizer").run("2")


async def jobs(*seconds, limit=9):
    places = asyncio.Semaphore(limit)

    async def job(number, length):
        async with places:
            return await agent(f"job {number}").run(length)

    work = (job(number, length) for number, length in enumerate(seconds, 1))
    await asyncio.gather(*work, return_exceptions=True)


def deciding(work, *arguments, **options):
    return [call.agent for call in critical_path(traced(work, *arguments, **options))]


def test_the_critical_path_is_the_slowest_of_a_fan_out_and_all_of_a_sequence():
    assert deciding(three) == ["worker b"]
    assert deciding(sequence) == ["planner", "writer", "editor"]
    assert deciding(plan_work_and_sum_up, "2", "4", "3") == ["planner", "job 2", "synthesizer"]


def test_the_critical_path_goes_through_the_queue_before_a_limit():
    # Two at once: 1 from 0 to 2, 2 from 0 to 3, 3 from 2 to 4, 4 from 3 to 4, then 5 from 4 to 6. 3
    # and 4 end together.
    assert deciding(lambda: jobs("2", "3", "2", "1", "2", limit=2)) == ["job 1", "job 3", "job 5"]


def test_the_critical_path_takes_failures_like_others_and_of_ties_the_first_to_start():
    assert deciding(plan_work_and_sum_up, "2", "4 fail", "3") == ["planner", "job 2", "synthesizer"]
    assert deciding(plan_work_and_sum_up, "3", "3") == ["planner", "job 1", "synthesizer"]
    assert deciding(jobs, "0", "0", "0") == ["job 1"]


def test_the_critical_path_forgives_a_millisecond_between_two_calls_and_bridges_a_pause():
    async def paused(seconds):
        await agent("first").run("1")
        await asyncio.sleep(seconds)
        await agent("second").run("1")

    assert deciding(paused, 0.0005) == deciding(paused, 5) == ["first", "second"]


def marks(picture):
    """(x, width) of each underline outside of the legend."""
    root = parsed(picture)
    root.remove(root.find(f"{SVG}g[@class='legend']"))
    lines = root.find(f"{SVG}path[@class='critical-path']").get("d")
    return [
        (float(x), float(width)) for x, width in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", lines)
    ]


def test_what_decides_is_underlined_and_the_legend_says_so():
    picture = p.timeline(traced(three))
    assert marks(picture) == [bars(picture)[1]] and "on the critical path" in texts(picture)


def test_of_two_equal_calls_one_is_marked():
    async def twins():
        await asyncio.gather(agent("worker").run("2"), agent("worker").run("2"))

    picture = p.timeline(traced(twins))
    assert len(marks(picture)) == 1 and [
        line.endswith("◀") for line in picture.text.splitlines()[1:]
    ] == [True, False]


def test_one_call_decides_nothing():
    picture = p.timeline(traced(call, "1"))
    assert "◀" not in picture.text and "critical" not in picture.svg


def test_a_deciding_call_that_is_folded_away_marks_the_last_line():
    async def late():
        await many(80)
        await agent("slow").run("7")

    assert p.timeline(traced(late)).text.splitlines()[-1] == "and 21 more, until 8.5 s ◀"


def test_attempts_are_counted_when_the_sdk_retried():
    assert "· 2 attempts" in p.timeline(traced(lambda: agent("patient").run("1 busy"))).text


def test_an_agent_that_rejects_its_reply_is_marked_though_the_call_went_well():
    cut = fake_client(
        lambda body: {"content": [{"type": "text", "text": "x"}], "stop_reason": "max_tokens"}
    )
    with trace() as t, pytest.raises(Exception, match="cut off"):
        run(Agent("writer", HAIKU, "…", client=cut).run("go"), clock="virtual")
    [row] = build_rows(t)
    assert row.error == "ReplyTruncated"
    assert p.timeline(t).text.endswith("1 call · 1 failed\n" + p.timeline(t).text.splitlines()[1])
    assert p.timeline(t).text.endswith("✗ cut at max_tokens")


def test_a_call_that_still_runs_is_open_ended():
    seen = []

    async def look():
        slow = asyncio.create_task(agent("slow").run("9"))
        await agent("quick").run("1")
        seen.append(p.timeline(t))
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)

    with trace() as t:
        run(look(), clock="virtual")
    assert seen[0].text.count("still running") == 1 and "stroke-dasharray" in seen[0].svg
    assert " failed" not in seen[0].text
    # of its model another call was answered, and that one is the sample
    assert "stroke-dasharray" not in seen[0].svg.split('class="legend"')[1]


def test_a_call_outside_of_any_agent_has_its_models_short_name():
    lines = p.timeline(traced(call, "1", "claude-opus-5-5-20260101")).text.splitlines()
    assert lines[1].startswith("opus-5-5  █")


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes = dict(attributes) | self.attributes  # the first counts


def test_names_are_escaped_and_long_ones_cut():
    t = traced(lambda: agent(NASTY).run("1"))
    picture = p.timeline(t)
    assert (
        "a <script>alert('&\"'…" in texts(picture)
        and "a <script>alert('&\"')</…  █" in picture.text
    )
    assert Tags(picture.html).tags == {"div", "img"} and "\x00" not in picture.text + picture.svg
    assert Tags(p.cost_table(t).html).tags == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert Tags(p.table([(NASTY,)], [NASTY]).html).tags == {
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }


def test_nothing_leaves_the_picture_at_the_right():
    async def crowd():
        with agent_span("研究员与事实核查员" * 4), agent_span("W" * 80):
            await agent("an agent with a very long name indeed").run("300 busy")
            await asyncio.gather(call("9 fail"), return_exceptions=True)

    for width in (540, 680, 1000):
        for text in parsed(p.timeline(traced(crowd), width=width)).iter(f"{SVG}text"):
            half = 0.5 if "middle" in text.get("style", "") else 1
            assert float(text.get("x")) + half * svg.text_width(text.text) <= width


def test_the_legend_has_a_second_line_where_its_names_need_it():
    async def crowd():
        models = [HAIKU, SONNET, OPUS, "a-model-of-my-own-with-a-long-name", "another-one"]
        jobs = (agent(f"worker {model}", model).run("2") for model in models)
        await asyncio.gather(*jobs, agent("critic").run("9 fail"), return_exceptions=True)

    picture = p.timeline(traced(crowd))
    (legend,) = parsed(picture).findall(f"{SVG}g[@class='legend']")
    names = [(float(one.get("x")), one.text) for one in legend.iter(f"{SVG}text")]
    assert [name for _, name in names][-2:] == ["failed", "on the critical path"]
    assert all(x + svg.text_width(name) <= svg.WIDTH for x, name in names)
    heights = {float(one.get("y")) for one in legend.iter(f"{SVG}text")}
    assert len(heights) == 2 and max(heights) < int(parsed(picture).get("height"))


def test_a_long_name_is_cut_and_a_long_note_goes_below_so_that_bars_keep_half_of_the_room():
    async def crowd():
        jobs = (agent("a researcher of long names").run("12 busy"), agent("critic").run("3 fail"))
        await asyncio.gather(*jobs, return_exceptions=True)

    picture = p.timeline(traced(crowd))
    said, ends = texts(picture), [x + width for x, width in bars(picture)]
    assert (
        "a researcher of long…" in said and "2 attempts (1 × 529)" in said
    )  # in pixels; the text form has room
    assert (
        "3.0 s · ✗ invalid_request_error" in said and "a researcher of long na…  " in picture.text
    )
    assert bars(picture)[0][0] <= 0.36 * 540 < 0.5 * 540 <= max(ends)


def test_an_empty_trace_says_that_nothing_ran_and_what_to_write():
    with trace() as t:
        pass
    assert str(p.timeline(t)) == f"{svg.NOTHING_RAN}\n{svg.RUN_INSIDE}"
    assert parsed(p.timeline(t)) is not None and svg.NOTHING_RAN in texts(p.timeline(t))
    assert svg.RUN_INSIDE in p.cost_table(t).text


@pytest.mark.parametrize("function", [p.timeline, p.cost_table])
def test_the_function_trace_in_place_of_a_trace_is_explained(function):
    with pytest.raises(TypeError, match="not a function: `with trace\\(\\) as t"):
        function(trace)


@pytest.mark.parametrize("seconds", ["0", "0.1", "300"])
def test_any_length_of_time_can_be_drawn(seconds):
    picture = p.timeline(traced(lambda: agent("worker").run(seconds)))
    assert bars(picture)[0][1] >= 2 and f"{float(seconds):.1f} s in all" in picture.text


def test_a_thousand_calls_are_folded_and_none_is_lost_from_the_sums():
    t = traced(many, 1000)
    assert p.timeline(t).text.splitlines()[-1] == "and 940 more, until 1.5 s"
    lines = p.cost_table(t).text.splitlines()
    assert lines[62].split()[:-1] == ["and", "940", "more", "197,400", "84,600"]
    assert lines[64].split()[:-1] == ["in", "all", "1,000", "calls", "1.5", "210,000", "90,000"]
    assert lines[65] == "1.5 s on the clock; the calls add up to 1500.0 s."


def test_cost_table_sums_what_cost_usd_says_and_shows_nothing_as_zero_that_is_not():
    t = traced(nested)
    *_, total, note = p.cost_table(t).text.splitlines()
    cells = re.split(r"\s{2,}", total)
    assert cells[:5] == ["in all", "3 calls", "4.5", "420", "270"]
    assert float(cells[5].removeprefix("$")) == pytest.approx(cost_usd(t), rel=0.05)
    shown = [line.split()[-1] for line in p.cost_table(t).text.splitlines()[2:5]]
    assert (
        [float(s.removeprefix("$")) > 0 for s in shown]
        == [cost_usd(c) > 0 for c in t.calls]
        == [True, True, False]
    )
    assert note == "4.5 s on the clock; the calls add up to 5.5 s."


def test_a_model_without_a_price_is_left_out_of_the_sum_and_named():
    async def both():
        await call("1")
        await call("1", "my-own-model")

    text = p.cost_table(traced(both)).text
    assert re.search(r"my-own-model .* \?\n", text) and text.endswith("the sum leaves it out.")


def test_a_cancelled_call_has_no_price_and_is_left_out_of_the_sum():
    async def late():
        await agent("quick").run("1")
        async with asyncio.timeout(2.0):
            await agent("slow").run("9")

    with trace() as t, pytest.raises(TimeoutError):
        run(late(), clock="virtual")
    _, _, quick, slow, _, total, note = p.cost_table(t).text.splitlines()
    assert slow.split()[-1] == "?" and total.split()[-1] == quick.split()[-1] != "$0.00"
    assert note == "?: no price is known, or the call was broken off; the sum leaves it out."


def test_text_tables_are_aligned_and_numbers_stand_at_the_right():
    rows = [("路由", 3, p.dollars(0.00042)), ("b", 1200, "$12.50")]
    assert p.table(rows, ["agent", "calls", "cost"]).text.splitlines() == [
        "agent  calls      cost",
        "─────  ─────  ────────",
        "路由       3  $0.00042",
        "b      1,200    $12.50",
    ]
    assert p.table([], ["agent"]).text == "agent\n─────"
    with pytest.raises(ValueError, match="2 cells, and there are 1 headings"):
        p.table([(1, 2)], ["a"])


def test_dollars_have_the_digits_that_they_need():
    amounts = 0.0, 0.00042, 0.000999, 0.0123, 1.5, 12345.678
    assert [p.dollars(usd) for usd in amounts] == [
        "$0.00",
        "$0.00042",
        "$0.0010",
        "$0.012",
        "$1.50",
        "$12,345.68",
    ]
    assert p.dollars(0.5, like=0.00042) == "$0.50000"


def test_seconds_have_a_digit_and_short_ones_as_many_as_show_something():
    seconds = [0, 0.0004, 0.0006, 0.042, 0.0999, 0.1, 4.25, 300]
    texts = ["0.0", "0.0", "0.0006", "0.042", "0.1", "0.1", "4.2", "300.0"]
    assert list(map(seconds_text, seconds)) == texts


def test_one_thing_is_not_many():
    assert count_text(1, "call") == "1 call" and count_text(0, "call") == "0 calls"
    assert count_text(1200, "word") == "1,200 words"


def test_sixty_rows_are_not_folded_and_the_sixty_first_is():
    assert p.timeline(traced(many, 60)).text.splitlines()[-1].startswith("worker 59  ")
    assert p.timeline(traced(many, 61)).text.splitlines()[-1] == "and 1 more, until 1.5 s"
    assert len(p.cost_table(traced(many, 60)).text.splitlines()) == 2 + 60 + 3
    assert p.cost_table(traced(many, 61)).text.splitlines()[62].startswith("and 1 more")


def test_the_notebook_gets_an_image_with_words_and_the_terminal_text():
    picture = p.timeline(traced(three))
    bundle = picture._repr_mimebundle_()
    attributes = Tags(bundle["text/html"]).attributes
    assert bundle["text/plain"] == picture.text == str(picture) == repr(picture)
    rows = ["worker a: 2.0 s", "worker b: 4.0 s, on the critical path", "worker c: 3.0 s"]
    assert attributes["alt"] == "; ".join(["timeline · 4.0 s in all · 3 calls", *rows])
    assert unquote(attributes["src"].partition(",")[2]) == picture.svg.replace('"', "'")


def test_a_picture_can_be_saved(tmp_path):
    picture = p.timeline(traced(three))
    picture.save(tmp_path / "three.svg")
    assert (tmp_path / "three.svg").read_bytes() == picture.svg.encode()


@pytest.mark.slow
def test_importing_pictures_loads_no_plotting_no_notebook_and_no_price_table():
    heavy = [
        "matplotlib",
        "plotly",
        "pandas",
        "numpy",
        "IPython",
        "ipywidgets",
        "genai_prices",
        "looptime",
    ]
    code = f"import sys, mas_helpers.pictures; print([m for m in {heavy} if m in sys.modules])"
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_of_steps_that_end_together_those_of_one_agent_stay_together():
    """Two agents of two steps each, all of 2 s: one of them decides, not a step of each."""

    async def steps(name):
        client = fake_client(
            lambda body: {"content": [{"type": "text", "text": "a"}], "seconds": 2.0}
        )
        with agent_span(name):
            for _ in range(2):
                await client.messages.create(
                    model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "?"}]
                )

    async def both():
        await asyncio.gather(steps("one"), steps("two"))

    with trace() as t:
        run(both(), clock="virtual")
    assert len({call.agent for call in critical_path(t)}) == 1 and len(critical_path(t)) == 2


@pytest.mark.parametrize("second", ["patient", "another"])
def test_a_call_that_was_given_up_decides_what_begins_at_its_end(second):
    """A second try begins when the first one's time is up; a call that ended before has nothing to
    do with it.
    """

    async def given_up():
        client = fake_client(
            lambda body: {"content": [], "seconds": 60.0 if body["system"] == "late" else 3.0}
        )

        async def ask(name):
            with agent_span({"late": "patient", "again": second}.get(name, name)):
                await client.messages.create(
                    model=HAIKU,
                    max_tokens=9,
                    system=name,
                    messages=[{"role": "user", "content": "?"}],
                )

        async def late():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10.0):
                    await ask("late")
            await ask("again")

        await asyncio.gather(ask("early"), late())

    with trace() as t:
        run(given_up(), clock="virtual")
    assert [(call.agent, call.seconds) for call in critical_path(t)] == [
        ("patient", 10.0),
        (second, 3.0),
    ]


def test_a_wait_that_was_given_up_is_no_attempt():
    async def main():
        faults = [Fault("rate_limited", seconds=300)]
        client = fake_client(lambda body: "fine", faults=faults)
        async with asyncio.timeout(30.0):
            await Agent("patient", HAIKU, "s", client=client).run("?")

    with trace() as t, pytest.raises(TimeoutError):
        run(main(), clock="virtual")
    (row,) = build_rows(t)
    assert [(call.start, call.end) for call, _ in row.attempts] == [(0.0, 0.0)]


def test_pictures_stand_beside_one_another_below_their_names():
    one, two, three = (p.table([(n,)], ["n"]) for n in "123")
    gallery = p.side_by_side(first=one, **{"<b>": two}, last=three)
    assert gallery.html.startswith('<div style="display:flex;flex-wrap:wrap')
    assert gallery.html.count("flex:1 1 ") == 3
    assert "<b>first</b>" in gallery.html and "<b>&lt;b&gt;</b>" in gallery.html
    assert (
        gallery.text.index("first: n") < gallery.text.index("<b>: n") < gallery.text.index("last")
    )
