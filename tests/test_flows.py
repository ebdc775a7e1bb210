"""What the flow and the context promise: every word has the right source, and every line can be
followed.
"""

import asyncio
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from mas_helpers import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    ToolAgent,
    agent_span,
    fake_client,
    run,
    trace,
)
from mas_helpers import pictures as p
from mas_helpers.pictures import palette, svg
from mas_helpers.pictures.contexts import context
from mas_helpers.pictures.flows import flow

SVG = "{http://www.w3.org/2000/svg}"
QUESTION = "What has to change in the warehouse at Lund?"  # nine words
NASTY = "a\x00\n<script>alert('&\"')</script>"


def answer(body):
    """The system prompt says what is answered: `{"text": …, "seconds": …}`."""
    given = json.loads(body["system"])
    if given.get("fail"):
        error = {"type": "invalid_request_error", "message": "no"}
        return {"status": 400, "seconds": given["seconds"], "type": "error", "error": error}
    return {"content": [{"type": "text", "text": given["text"]}], "seconds": given["seconds"]}


client = fake_client(answer)


def words(name, count):
    """So many words that only this agent says: `bugs0 bugs1 …`."""
    return " ".join(f"{name.replace(' ', '')}{number}" for number in range(count))


def agent(name, count=20, seconds=1.0, model=HAIKU, **given):
    return Agent(
        name,
        model,
        json.dumps({"text": words(name, count), "seconds": seconds, **given}),
        client=client,
    )


def traced(work, *arguments, **options):
    with trace() as t:
        run(work(*arguments, **options), clock="virtual")
    return t


async def one():
    await agent("greeter", 12).run("Say hello to Lund.")


async def pipeline():
    bugs = await agent("bugs", 45).run(QUESTION)
    security = await agent("security", 60).run(f"{QUESTION}\n\n{bugs}")
    await agent("report", 30, model=OPUS).run(f"Both in one:\n<a>{bugs}</a>\n\n{security}")


async def perspectives():
    people = [agent("optimist", 40, 2.0), agent("sceptic", 50, 4.0), agent("lawyer", 60, 3.0)]
    views = await asyncio.gather(*(one.run(QUESTION) for one in people))
    await agent("aggregator", 70, model=OPUS).run("\n\n".join(["Weigh these:", *views]))


async def routed():
    route = await agent("router", text='{"to": "billing"}').run(QUESTION)
    await agent(json.loads(route)["to"], 30).run(QUESTION)


async def orchestrated(count=4, name="worker {}", fail=None):
    tasks = [f"Look at part {number} of it, please" for number in range(1, count + 1)]
    plan = json.loads(
        await agent("orchestrator", model=OPUS, text=json.dumps({"tasks": tasks})).run(QUESTION)
    )
    team = [agent(name.format(n), 20 + n, n, SONNET, fail=n == fail) for n in range(1, count + 1)]
    jobs = [
        worker.run(f"Do this: {task}") for worker, task in zip(team, plan["tasks"], strict=True)
    ]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    await agent("synthesizer", 90, model=OPUS).run(
        "\n\n".join(text for text in found if isinstance(text, str))
    )


async def fan_out(count):
    await asyncio.gather(*(agent(f"worker {number}").run(QUESTION) for number in range(count)))


async def refined(rounds=2):
    draft = await agent("writer", 30).run(QUESTION)
    for number in range(rounds):
        remark = await agent("evaluator", 10, text=words(f"remark{number}x", 10)).run(
            f"Judge:\n{draft}"
        )
        draft = await agent("writer", text=words(f"draft{number}x", 30)).run(
            f"{QUESTION} {draft} {remark}"
        )


async def nasty():
    with agent_span("研究员与事实核查员" * 4):
        await agent(NASTY, 1_500, 300.0).run("<b>&\x01</b>")
        await asyncio.gather(agent("W" * 80, fail=True).run("x"), return_exceptions=True)


WORKERS = [one, pipeline, perspectives, routed, orchestrated, refined, nasty]
CASES = [
    *((case, ()) for case in WORKERS),
    (orchestrated, (12,)),
    (orchestrated, (12, "worker")),
    (fan_out, (12,)),
]
CASES += [(orchestrated, (4, "worker {}", 3)), (fan_out, (40,)), (refined, (9,))]
CASES += [(orchestrated, (12, "a researcher of long names"))]  # cut, with "×12" behind it
each_case = pytest.mark.parametrize("work, arguments", CASES)
each_picture = pytest.mark.parametrize("picture", [flow, context])


def edges(work, *arguments):
    return {line for line in flow(traced(work, *arguments)).text.splitlines() if "→" in line}


def parsed(picture):
    return ElementTree.fromstring(picture.svg)


def test_one_call_hears_you_and_answers():
    assert str(flow(traced(one))) == (
        "flow · 1.0 s in all · 1 call\n"  #
        "you → greeter (4 words)\n"
        "greeter → answer (12 words)"
    )


def test_a_third_call_hears_both_before_it():
    assert flow(traced(pipeline)).text.splitlines()[1:] == [
        "you → bugs (9 words)",
        "you → security (9 words)",
        "bugs → security (45 words)",
        "you → report (5 words)",
        "bugs → report (45 words)",
        "security → report (60 words)",
        "report → answer (30 words)",
    ]


def test_perspectives_meet_in_the_aggregator():
    heard = {
        "you → aggregator (2 words)",
        "optimist → aggregator (40 words)",
        "sceptic → aggregator (50 words)",
    }
    assert heard | {"lawyer → aggregator (60 words)", "aggregator → answer (70 words)"} < edges(
        perspectives
    )
    assert sum("→ answer" in edge for edge in edges(perspectives)) == 1


def test_a_specialist_heard_you_and_not_the_router():
    assert edges(routed) == {
        "you → router (9 words)",
        "you → billing (9 words)",
        "router → answer (2 words)",
        "billing → answer (30 words)",
    }


def test_workers_heard_their_task_from_the_orchestrator_though_not_its_whole_answer():
    found = edges(orchestrated)
    assert {"orchestrator → worker 2 (7 words)", "you → worker 2 (2 words)"} < found
    assert {f"worker {n} → synthesizer ({20 + n} words)" for n in range(1, 5)} < found
    assert [edge for edge in found if "answer" in edge] == ["synthesizer → answer (90 words)"]


def test_a_failed_call_says_nothing_and_is_marked():
    picture = flow(traced(orchestrated, 4, "worker {}", 3))
    assert "worker 3 →" not in picture.text and picture.text.endswith(
        "worker 3 ✗ invalid_request_error"
    )
    assert (
        f'fill="{palette.FAILED_PAPER}" stroke="{palette.FAILED}"' in picture.svg
        and ">✗ 3.0 s<" in picture.svg
    )


def test_more_than_six_calls_of_one_agent_share_a_box():
    assert edges(orchestrated, 12, "worker") == {
        "you → orchestrator (9 words)",
        "you → worker ×12 (24 words)",
        "orchestrator → worker ×12 (84 words)",
        "worker ×12 → synthesizer (318 words)",
        "synthesizer → answer (90 words)",
    }
    assert len(edges(orchestrated, 12)) == 38
    assert "worker #6 → synthesizer (26 words)" in edges(orchestrated, 6, "worker")


def test_calls_of_one_agent_are_numbered():
    assert {"writer #1 → evaluator #1 (30 words)", "evaluator #1 → writer #2 (10 words)"} < edges(
        refined
    )


def test_an_answer_is_known_again_however_its_white_space_changed_and_a_short_one_is_not():
    async def talk():
        await agent("talker", text="first line\n\n  second   line").run("Go")
        await agent("yes", text="yes, 14 signs.").run("Go")
        await agent("listener").run("> first line\n> second line yes, 14 signs.")
        await agent("reader").run("[first\nline second line]")

    found = edges(talk)
    assert "talker → reader (4 words)" in found and "you → reader (2 words)" in found
    # the sign > stands between the lines: these are other words
    assert "you → listener (9 words)" in found


def test_a_call_cannot_hear_what_was_not_yet_said():
    async def early():
        await asyncio.gather(
            agent("slow", 20, 5.0).run("Go"), agent("quick").run(words("slow", 20))
        )

    assert "you → quick (20 words)" in edges(early) and "slow → quick" not in str(edges(early))


def test_each_word_has_one_source():
    async def echo():
        draft = await agent("writer", 30).run(QUESTION)
        edited = await agent("editor", text=f"{draft} And a last word.").run(draft)
        await agent("printer").run(edited)
        await agent("judge").run(f"{edited}\n{draft}")
        await asyncio.gather(
            *(agent(f"twin {n}", text="All of us say just this.").run("Go") for n in (1, 2))
        )
        await agent("counter").run("All of us say just this. " * 3)

    found = edges(echo)
    assert [edge for edge in found if "→ printer" in edge] == ["editor → printer (34 words)"]
    assert {"editor → judge (34 words)", "writer → judge (30 words)"} < found
    assert {"twin 1 → counter (12 words)", "twin 2 → counter (6 words)"} < found


def test_what_was_told_to_an_agent_is_not_its_own_when_it_repeats_it_in_json():
    async def repeated():
        await agent("router", text=json.dumps({"to": "billing", "question": QUESTION})).run(
            QUESTION
        )
        await agent("billing").run(QUESTION)

    assert "you → billing (9 words)" in edges(repeated)


def test_context_shows_what_each_call_was_given_to_read():
    assert str(context(traced(pipeline))) == (
        "context · 173 words given to read · 3 calls\n"
        "bugs       you 9                             9 words\n"
        "security   you 9 · bugs 45                  54 words\n"
        "report     you 5 · bugs 45 · security 60   110 words"
    )


def test_context_adds_up_the_words_of_one_agent_and_folds_many():
    assert "synthesizer    worker 318" in context(traced(orchestrated, 12, "worker")).text
    many = context(traced(orchestrated, 30)).text.splitlines()[-1]
    assert many.startswith("synthesizer    worker 1 21 · ") and many.endswith(
        "worker 15 35 · 15 more 645   1,065 words"
    )


def test_context_has_a_bar_in_the_scale_of_the_axis_for_each_source():
    picture = context(traced(pipeline))
    drawn = [rect for rect in parsed(picture).iter(f"{SVG}rect") if rect.get("class") == "source"]
    widths = [float(rect.get("width")) for rect in drawn]
    assert [round(width / widths[-1] * 60) for width in widths] == [9, 9, 45, 5, 45, 60]
    bugs, security = drawn[2].get("fill"), drawn[5].get("fill")
    assert drawn[0].get("fill") == palette.YOURS and drawn[4].get("fill") == bugs != security
    said = [text.text for text in parsed(picture).iter(f"{SVG}text")]
    assert {"you 5", "bugs 45", "security 60", "110 words", "100 words"} < set(said)


@each_picture
@each_case
def test_the_same_run_gives_the_same_bytes_in_well_formed_xml(picture, work, arguments):
    first, second = picture(traced(work, *arguments)), picture(traced(work, *arguments))
    assert first == second and first._repr_mimebundle_() == second._repr_mimebundle_()
    root = parsed(first)
    assert (
        root.get("role") == "img" and root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
    )


def rectangles(root, kind=None):
    for rect in root.iter(f"{SVG}rect"):
        if kind in (None, rect.get("class")):
            yield tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))


def curve(d):
    """Points along a path of M, C and H, close together."""
    points = []
    for command, numbers in re.findall(r"([MCH])([^MCH]+)", d):
        n = [float(number) for number in numbers.split()]
        x, y = points[-1] if points else (0, 0)
        for step in range(1, 41):
            t = step / 40
            if command == "M":
                points.append((n[0], n[1]))
            elif command == "H":
                points.append((x + (n[0] - x) * t, y))
            else:
                a, b, c, e = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                points.append(
                    (a * x + b * n[0] + c * n[2] + e * n[4], a * y + b * n[1] + c * n[3] + e * n[5])
                )
    return points


@each_case
def test_no_arrow_runs_through_a_box(work, arguments):
    root = parsed(flow(traced(work, *arguments)))
    boxes = list(rectangles(root, "box"))
    for path in root.iter(f"{SVG}path"):
        for x, y in curve(path.get("d")) if path.get("class") == "arrow" else []:
            assert not any(
                left + 0.2 < x < left + w - 0.2 and top < y < top + h for left, top, w, h in boxes
            ), path.get("d")


@each_case
def test_no_two_boxes_overlap_and_every_arrow_ends_at_one(work, arguments):
    root = parsed(flow(traced(work, *arguments)))
    boxes = list(rectangles(root, "box"))
    for number, (x, y, w, h) in enumerate(boxes):
        for left, top, wide, high in boxes[:number]:
            assert x >= left + wide or left >= x + w or y >= top + high or top >= y + h
    for path in root.iter(f"{SVG}path"):
        if path.get("class") == "arrow":
            x, y = curve(path.get("d"))[-1]
            assert any(
                abs(x + 5 - left) < 0.2 and top < y < top + high for left, top, _, high in boxes
            )


@each_picture
@each_case
def test_nothing_is_outside_of_the_picture(picture, work, arguments):
    root = parsed(picture(traced(work, *arguments)))
    _, _, width, height = map(float, root.get("viewBox").split())
    for x, y, w, h in rectangles(root):
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    for path in root.iter(f"{SVG}path"):
        if path.get("class") == "arrow":
            assert all(0 <= x <= width and 50 <= y <= height for x, y in curve(path.get("d")))
    for text in root.iter(f"{SVG}text"):
        style = text.get("style", "")
        long = svg.text_width(text.text) * (12 / 13 if "12px" in style else 1)
        left = float(text.get("x")) - long * (
            1 if "end" in style else 0.5 if "middle" in style else 0
        )
        assert left >= 0 and left + long <= width and 10 <= float(text.get("y")) <= height - 4, (
            text.text
        )


@each_case
def test_words_stay_inside_their_box_and_off_the_numbers(work, arguments):
    root = parsed(flow(traced(work, *arguments)))
    boxes = list(rectangles(root, "box"))
    places = []
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        long = svg.text_width(text.text) * (12 / 13 if "12px" in text.get("style", "") else 1)
        if "end" in text.get("style", ""):
            places.append((x - long, y - 8, x, y))
        inside = next((b for b in boxes if b[0] < x < b[0] + b[2] and b[1] < y < b[1] + b[3]), None)
        if inside and "middle" not in text.get("style", ""):
            assert x + long <= inside[0] + inside[2] + 1, text.text
    for number, (left, top, right, bottom) in enumerate(places):
        for other in places[:number]:
            assert left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]


def test_words_come_in_from_top_to_bottom_as_they_passed_with_yours_at_the_bottom():
    root = parsed(flow(traced(pipeline)))
    *_, report, _ = sorted(rectangles(root, "box"))
    left = report[0]
    numbers = [text for text in root.iter(f"{SVG}text") if "end" in text.get("style", "")]
    coming_in = [text for text in numbers if left < float(text.get("x")) < left + 40]
    coming_in.sort(key=lambda text: float(text.get("y")))
    # the words of bugs pass above security, yours below it
    assert [text.text for text in coming_in] == ["45", "60", "5"]


def test_no_box_hands_words_to_itself():
    """Those that are folded into one box heard one another."""
    lines = flow(traced(refined, 9)).text.splitlines()
    assert not [line for line in lines if line.startswith("13 more → 13 more")]


def test_a_label_in_the_context_stands_inside_its_bar_or_outside_of_all():
    for count in range(1, 60):
        t = traced(pair, count)
        root = parsed(context(t))
        bars = list(rectangles(root, "source"))
        for text in root.iter(f"{SVG}text"):
            x, y = float(text.get("x")), float(text.get("y"))
            right = x + svg.text_width(text.text) * (12 / 13)
            for left, top, width, height in bars:
                if left < x < left + width and top < y < top + height:
                    assert right < left + width, (count, text.text)


async def pair(count):
    heard = await agent("first", count).run("Go")
    await agent("second").run(f"{heard} and {words('mine', 30)}")


@each_picture
def test_names_are_escaped(picture):
    shown = picture(traced(nasty))
    assert (
        "\x00" not in shown.svg + shown.text
        and "<script" not in shown.html
        and "<script" not in shown.svg
    )


@pytest.mark.parametrize("work, arguments", CASES[:5])
def test_a_usual_flow_is_hardly_wider_than_a_timeline(work, arguments):
    t = traced(work, *arguments)
    assert parsed(p.timeline(t)).get("width") == "540" <= parsed(flow(t)).get("width") <= "684"


@each_picture
@pytest.mark.slow
def test_a_thousand_calls_are_folded(picture):
    shown = picture(traced(fan_out, 1_000))
    assert int(parsed(shown).get("height")) < 2_000 and len(shown.text.splitlines()) <= 62
    assert "987 more → answer (19,740 words)" in shown.text or shown.text.endswith(
        "and 940 more calls"
    )


def test_a_long_conversation_is_folded_at_its_end():
    found = flow(traced(refined, 9))
    assert int(parsed(found).get("width")) < 1_400 and "13 more → answer (30 words)" in found.text


@each_picture
def test_an_empty_trace_says_that_nothing_ran(picture):
    with trace() as t:
        pass
    assert picture(t) == p.timeline(t)
    with pytest.raises(TypeError, match="not a function"):
        picture(trace)


def test_the_steps_of_a_tool_loop_are_one_box_and_what_tools_said_is_theirs():
    def look(what: str) -> str:
        """Looks."""
        return f"twelve words about {what} that nobody but the tool has ever said"

    def steps(body):
        if len(body["messages"]) > 1 or body["system"] == "writer":
            return "The tea is green, as the tool found out today."
        use = {"type": "tool_use", "id": "t1", "name": "look", "input": {"what": "tea"}}
        return {"content": [use], "stop_reason": "tool_use"}

    client = fake_client(steps)
    finder = ToolAgent("finder", HAIKU, "finder", client=client, tools=[look])
    writer = Agent("writer", HAIKU, "writer", client=client)

    async def both():
        return await writer.run(await finder.run("What of the tea?"))

    with trace() as t:
        run(both())
    assert len(t.calls) == 3
    assert [line for line in str(flow(t)).splitlines()[1:]] == [
        "you → finder (4 words)",
        "finder → writer (10 words)",
        "writer → answer (10 words)",
    ]
    assert "you 4 · tools 12" in str(context(t))
