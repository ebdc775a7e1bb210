"""A timeline that plays: in its own seconds, with nothing but an image, and still where motion is
not wanted.
"""

import asyncio
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from browser import opened
from test_pictures import agent, answer, call, many, nested, sequence, three, traced

from mas_helpers import SONNET, agent_span, timeline, trace
from mas_helpers.pictures.animation import MOST_ROWS_PLAYED, REST

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _forget():
    answer.asked = []


class Page(HTMLParser):
    """The pictures of a timeline's HTML, the still one first, and the titles of its folds.

    The drawing for narrow places, which nothing is said of, is left out.
    """

    def __init__(self, shown):
        super().__init__()
        self.pictures, self.titles, self.tags = [], [], set()
        self.feed(shown.html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "img" and dict(attributes)["alt"]:
            self.pictures.append(unquote(dict(attributes)["src"].partition(",")[2]))

    def handle_data(self, data):
        self.titles.append(data)


async def of(*seconds):
    await asyncio.gather(
        *(agent(f"worker {number}").run(length) for number, length in enumerate(seconds))
    )


async def retried():
    await asyncio.gather(
        agent("patient", SONNET).run("2 busy"), agent("quick").run("1"), return_exceptions=True
    )


def titles(work, *arguments):
    return Page(timeline(traced(work, *arguments))).titles


def test_it_is_offered_at_each_speed_at_which_it_can_be_followed():
    assert titles(three) == ["Play at 1×: 4.0 s", "Play at 10×: 0.4 s"]
    assert titles(of, "2", "3.9") == ["Play at 1×: 3.9 s"]
    assert titles(of, "2", "30") == ["Play at 1×: 30.0 s", "Play at 10×: 3.0 s"]
    assert titles(of, "2", "31") == ["Play at 10×: 3.1 s"]
    assert titles(of, "2", "301") == titles(of, "0.1", "0.3") == []


def test_it_is_not_offered_for_one_call_for_a_crowd_or_while_it_runs():
    seen = []

    async def look():
        with trace() as t:
            slow = asyncio.gather(agent("slow").run("9"), agent("slower").run("9"))
            await asyncio.sleep(5)
            seen.append(timeline(t))
            await slow

    traced(look)
    assert Page(seen[0]).titles == [] and "still running" in seen[0].text
    assert titles(call, "4") == [] and titles(many, MOST_ROWS_PLAYED + 1) == []
    assert len(titles(many, MOST_ROWS_PLAYED)) == 1


@pytest.mark.parametrize("work", [three, nested, sequence, retried])
def test_the_still_picture_and_the_text_are_as_without_it(work):
    shown = timeline(traced(work))
    page = Page(shown)
    assert page.pictures[0] == shown.svg.replace('"', "'") and "animation" not in shown.svg
    assert not shown.html.startswith("<details") and not any(
        title in shown.text for title in page.titles
    )
    # what JupyterLab leaves in a notebook without trust
    assert page.tags == {"div", "img", "details", "summary"}


def shapes(svg):
    """What is drawn, without the motion, the legend and what stands for the present moment."""
    root = ElementTree.fromstring(svg)
    for part in [root.find(f"{SVG}g[@class='legend']"), *root.findall(f"{SVG}clipPath")]:
        if part is not None:
            root.remove(part)
    rects = [
        tuple(rect.get(name) for name in ("x", "y", "width", "fill"))
        for rect in root.iter(f"{SVG}rect")
    ]
    return rects[1:], {text.text for text in root.iter(f"{SVG}text") if text.text}


@pytest.mark.parametrize("work", [three, nested, sequence, retried])
def test_its_last_moment_is_the_still_picture(work):
    still, *played = Page(timeline(traced(work))).pictures
    for one in played:
        (boxes, said), (still_boxes, still_said) = shapes(one), shapes(still)
        assert boxes == still_boxes
        assert {text for text in still_said if "in all" not in text} <= said


def test_the_same_run_gives_the_same_bytes():
    assert timeline(traced(nested)).html == timeline(traced(nested)).html


def keyframes(svg):
    """The seconds at which each animation turns: `{"k0": [0.0, 4.0]}`."""
    whole = float(re.search(r"\*\{animation:([\d.]+)s", svg).group(1))
    rules = re.findall(r"@keyframes (\w+)\{((?:[^{}]+\{[^{}]*\})+)\}", svg)
    return {
        name: [round(float(at) / 100 * whole, 2) for at in re.findall(r"([\d.]+)%\{", rule)]
        for name, rule in rules
    }


@pytest.mark.parametrize("fold, speed", [(1, 1), (2, 10)])
def test_dots_and_notes_come_and_go_when_the_calls_began_and_ended(fold, speed):
    svg = Page(timeline(traced(nested))).pictures[fold]
    root, turns = ElementTree.fromstring(svg), keyframes(svg)
    assert f"*{{animation:{4.5 / speed + REST:g}s linear infinite}}" in svg
    dots = [turns[circle.get("style").split(":")[1]] for circle in root.iter(f"{SVG}circle")]
    # planner, researcher, archivist; the orchestrator itself calls nobody
    seconds = [(0, 2.5), (2.5, 4.5), (2.5, 3.5)]
    assert dots == [
        [pytest.approx(second / speed, abs=0.011) for second in spell] for spell in seconds
    ]
    said = [
        text
        for group in root.iter(f"{SVG}g")
        for text in group
        if "animation" in text.get("style", "")
    ]
    notes = {
        text.text: turns[text.get("style").split(":")[1]][1]
        for text in said
        if (text.text or "").endswith(" s")
    }
    ends = {"4.5 s": 4.5, "2.5 s": 2.5, "2.0 s": 4.5, "1.0 s": 3.5}
    assert notes == {said: pytest.approx(end / speed, abs=0.011) for said, end in ends.items()}


def test_an_agent_that_waits_to_try_again_is_not_at_work():
    svg = Page(timeline(traced(retried))).pictures[1]
    first, second = (
        keyframes(svg)[c.get("style").split(":")[1]]
        for c in ElementTree.fromstring(svg).iter(f"{SVG}circle")
    )
    assert (
        len(first) == 4
        and first[0] == 0
        and first[1] == 2 < first[2] < first[3]
        and second == [0, 1]
    )


def test_a_dot_does_not_blink_between_two_calls_without_a_pause():
    async def looker():
        with agent_span("looker"):
            await call("1")
            await call("2")

    svg = Page(timeline(traced(looker))).pictures[1]
    (dot,) = ElementTree.fromstring(svg).iter(f"{SVG}circle")
    assert keyframes(svg)[dot.get("style").split(":")[1]] == [0.0, 3.0]


def test_pictures_that_play_are_small():
    still, *played = (len(picture) for picture in Page(timeline(traced(three))).pictures)
    # every notebook stores them: the lessons' pictures grew by less than twice
    assert sum(played) < 4 * still


@pytest.fixture
def shown():
    # before the browser: that one has a running event loop
    return timeline(traced(of, "2", "4.5", "3"))


@pytest.fixture
def browser(shown):
    with opened() as found:
        yield found


# What is seen at a second: how far the bars have grown, where the line is, what the clock says, who
# has a dot.
AT = """second => {
    for (const moving of document.getAnimations()) {
        moving.pause();
        moving.currentTime = second * 1000;
    }
    const shift = element => new DOMMatrix(getComputedStyle(element).transform);
    const bars = document.querySelector('#a rect'), strip = document.querySelector('g g text');
    const height = one => +one.getAttribute('y') + shift(strip).f;
    const spans = [...strip.querySelectorAll('tspan')];
    const readings = spans.map(one => [one.textContent, height(one)]);
    const shown = element => +getComputedStyle(element).opacity > 0;
    return { edge: bars.width.baseVal.value + shift(bars).e,
        line: shift(strip.parentElement.parentElement).e,
        clock: readings.filter(([, y]) => y === 42).map(([said]) => said),
        dots: [...document.querySelectorAll('circle')].map(shown),
        notes: [...document.querySelectorAll('[fill] > text[style*=animation]')].map(shown) } }"""


@pytest.mark.parametrize("fold, speed", [(1, 1), (2, 10)])
def test_bars_clock_and_dots_are_where_the_second_says(shown, browser, tmp_path, fold, speed):
    (tmp_path / "played.svg").write_text(Page(shown).pictures[fold], encoding="utf-8")
    bars = [r for r in ElementTree.fromstring(shown.svg).iter(f"{SVG}rect") if r.get("class")]
    left, scale = float(bars[0].get("x")), float(bars[1].get("width")) / 4.5
    page = browser.new_page()
    page.goto((tmp_path / "played.svg").as_uri())
    for second, clock, at_work in [
        (0.5, "0 s", [1, 1, 1]),
        (2.25, "2 s", [0, 1, 1]),
        (3.5, "3 s", [0, 1, 0]),
        (4.4, "4 s", [0, 1, 0]),
    ]:
        found = page.evaluate(AT, second / speed)
        # 2 pixels for the edge of a bar
        assert found["edge"] == pytest.approx(left + second * scale + 2, abs=0.2)
        assert found["line"] == pytest.approx((second - 4.5) * scale, abs=0.2)
        assert found["clock"] == [clock] and found["dots"] == at_work
        assert found["notes"] == [not working for working in at_work]
    for rest in (4.5 / speed + 0.01, 4.5 / speed + REST - 0.01):
        end = page.evaluate(AT, rest)
        assert (end["line"], end["clock"], end["dots"], end["notes"]) == (
            0,
            ["4.5 s"],
            [0] * 3,
            [1] * 3,
        )
    page.close()


def test_it_moves_in_an_image_on_a_plain_page(shown, browser):
    page = browser.new_page(viewport={"width": 700, "height": 600})
    page.set_content(shown.html.replace("<details>", "<details open>", 1))
    still, played = page.locator("img").first, page.locator("details img").first
    page.wait_for_function(
        "() => [document.images[0], document.querySelector('details img')]"
        ".every(i => i.complete && i.naturalWidth)"
    )
    pictures = []
    for _ in range(3):
        pictures.append((still.screenshot(), played.screenshot()))
        page.wait_for_timeout(700)  # real time: that of an image cannot be set
    assert len({one for one, _ in pictures}) == 1 and len({one for _, one in pictures}) > 1
    page.close()


def test_who_asked_for_less_motion_sees_the_end(shown, browser, tmp_path):
    (tmp_path / "played.svg").write_text(Page(shown).pictures[1], encoding="utf-8")
    # is not handed on to images; the setting of a machine is
    page = browser.new_page(reduced_motion="reduce")
    page.goto((tmp_path / "played.svg").as_uri())
    assert page.evaluate("() => document.getAnimations().length") == 0
    end = page.evaluate(AT, 1)
    assert (end["line"], end["clock"], end["dots"], end["notes"]) == (
        0,
        ["4.5 s"],
        [0] * 3,
        [1] * 3,
    )
    page.close()


def test_folded_it_takes_one_line_and_nothing_jumps_when_it_loads(shown, browser):
    page = browser.new_page(viewport={"width": 400, "height": 700})
    page.set_content(shown.html.replace("data:image", "gone:image"))
    empty = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_content(shown.html)
    page.wait_for_function("() => document.images[0].complete && document.images[0].naturalWidth")
    assert page.evaluate("() => document.documentElement.scrollHeight") == empty
    assert page.evaluate("() => document.documentElement.scrollWidth") == 400
    assert page.locator("details").first.evaluate("e => e.clientHeight") < 30
    page.close()
