"""A brief whose citations open: each number leads to its own source, and nothing passes for one."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from test_look_in_a_browser import draw_in_a_thread

from mas_helpers.agents import Brief, Draft, Fact, Research
from mas_helpers.pictures import brief_card

# what JupyterLab 4.6 leaves of a notebook that it does not trust, of what a card needs
LEFT = {"details", "summary", "div", "span", "b", "br", "i", "ul", "li"}


def fact(document, words):
    return Fact(claim=f"claim: {words}", document=document, words=words)


RESEARCH = [
    Research("lake", [fact("lake.md", "It is 9 m deep."), fact("boat.md", "80 <people>")], []),
    Research("bus", [fact("bus.md", "It costs $2, not $3.")], [], earlier="2026-01-20"),
]
TEXT = (
    "The lake is deep [1]. 80 people came [2][1]. The bus costs $2 [3]. Why is not known [missing]."
)


def brief(text=TEXT, research=RESEARCH):
    return Brief("Q", research, [Draft(text, {"code": []})])


class Reader(HTMLParser):
    """The text of a page as a reader sees it with everything folded, and what each fold holds."""

    def __init__(self, html):
        super().__init__()
        self.inside, self.seen, self.opens, self.titles, self.tags = [], "", [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag != "br":
            self.inside.append(tag)
        if tag == "details":
            self.opens.append("")
        if "summary" in self.inside and tag == "span":
            self.titles.append(dict(attributes)["title"])

    def handle_endtag(self, tag):
        self.inside.pop()

    def handle_data(self, data):
        if "details" in self.inside and "summary" not in self.inside:
            self.opens[-1] += data
        else:
            self.seen += data


def test_folded_it_is_the_text_and_each_number_opens_its_source():
    page = Reader(brief_card(brief(research=RESEARCH[:1])).html)
    assert page.seen.startswith(
        "The lake is deep [1]. 80 people came [2][1]. The bus costs $2 ✗ [3]."
    )
    assert page.opens == [
        "[1] lake.md“It is 9 m deep.”",
        "[2] boat.md“80 <people>”[1] lake.md“It is 9 m deep.”",
    ]
    assert page.titles == [
        "[1] lake.md: “It is 9 m deep.”",
        "[2] boat.md: “80 <people>”",
        "[1] lake.md: “It is 9 m deep.”",
    ]


def test_the_source_of_an_earlier_run_has_its_day():
    page = Reader(brief_card(brief()).html)
    assert page.opens[-1] == "[3] bus.md, found on 2026-01-20“It costs $2, not $3.”"


@pytest.mark.parametrize("cited", ["[9]", "[0]", "[01]", "[99999]"])
def test_a_number_without_a_source_opens_nothing_and_is_marked(cited):
    shown = brief_card(brief(f"It is blue {cited}."))
    page = Reader(shown.html)
    assert page.opens == [] and f"✗ {cited}" in page.seen
    assert f"{cited} ✗ no such source" in shown.text


def test_caveats_stand_below_the_text_and_where_there_are_none_nothing_does():
    shown = brief_card(brief(research=[*RESEARCH, Research("fare", [], [], failed="refused")]))
    assert "nothing on 'fare': refused" in Reader(shown.html).seen
    assert shown.text.splitlines()[-2:] == [
        "What a reader must know beside it:",
        "- nothing on 'fare': refused",
    ]
    assert "must know" not in brief_card(brief()).text + brief_card(brief()).html


def test_a_terminal_gets_the_text_and_each_document_with_its_numbers():
    assert brief_card(brief()).text.splitlines() == [
        TEXT, "", "[1] lake.md", "[2] boat.md", "[3] bus.md",
    ]  # fmt: skip


def test_no_markup_is_obeyed_no_dollars_become_mathematics_and_jupyterlab_drops_nothing():
    evil = Research("x", [fact('a"b.md', '<script>"$1" $2</script>')], [])
    html = brief_card(brief("<b>$4</b> or $5 [1].\n\n- one [1]", [evil])).html
    text = re.sub(r'title="[^"]*"', "", html)
    assert not re.search(r"\$[^<]*\$", text) and "&lt;b&gt;" in html
    assert Reader(html).tags <= LEFT
    assert {name for name in re.findall(r'(\w+)="', html)} == {"style", "title"}


def test_it_takes_anything_with_a_text_sources_and_caveats():
    own = SimpleNamespace(
        text="Deep [1].", caveats=[], sources={1: (RESEARCH[0], RESEARCH[0].facts[0])}
    )
    assert Reader(brief_card(own).html).opens == ["[1] lake.md“It is 9 m deep.”"]


@pytest.mark.slow
@pytest.mark.parametrize("width", [328, 828])
def test_a_click_opens_the_source_inside_the_page_and_a_second_one_folds_it(browser, width):
    page = browser.new_page()
    html = draw_in_a_thread(lambda: brief_card(brief()).html)
    page.set_content(f'<div style="width:{width}px">{html}</div>')
    words, number = page.get_by_text("“80 <people>”"), page.locator("summary", has_text="[2]")
    assert not words.is_visible()
    number.click()
    box = words.bounding_box()
    assert words.is_visible() and box["x"] >= 0 and box["x"] + box["width"] <= width
    # the text goes on below what was opened, and nothing else is open
    after = page.locator("summary", has_text="[3]").bounding_box()
    assert after["y"] >= box["y"] + box["height"]
    assert page.locator("details[open]").count() == 1
    number.click()
    assert not words.is_visible()
    page.close()


@pytest.mark.slow
def test_folded_numbers_break_no_line(browser):
    page = browser.new_page()
    html = draw_in_a_thread(lambda: brief_card(brief()).html)
    lines = []
    for shown in (html, f'<div style="line-height:1.6">{TEXT}</div>'):
        page.set_content(f'<div style="width:1200px">{shown}</div>')
        tops = "all => all.map(one => one.getBoundingClientRect().height)"
        lines.append(max(page.eval_on_selector_all("div > div:not(:has(div))", tops)))
    page.close()
    assert lines[0] < 1.6 * 16 * 3 and lines[0] <= 2 * lines[1]
