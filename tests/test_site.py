"""The web pages of the course, built once with the command of start.py and read in a browser."""

import importlib.util
import inspect
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

import mas_helpers
from mas_helpers.course.course_map import read_course

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.slow
FOLD = "Guess first, then open"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKS = {"wide": (WIDE, "light"), "phone": (PHONE, "dark")}


@pytest.fixture(scope="module")
def command():
    """Makes the command that builds the pages: `command(folder)`, with this Python."""
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    start.PYTHON = Path(sys.executable)
    return lambda folder: [str(part) for part in start.sphinx(folder)]


@pytest.fixture(scope="module")
def site(command, tmp_path_factory):
    """The folder of the pages."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        command(folder), cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "pages"


def heard(browser, size=WIDE, scheme="light"):
    """A page; in its `wrong`, errors and warnings of the console and requests to the outside."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.wrong = []
    page.on(
        "console",
        lambda line: page.wrong.append(line.text) if line.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url[:5] in ("file:", "data:") else page.wrong.append(asked.url),
    )
    return page


@pytest.fixture
def reader(browser):
    """Opens pages, `reader(size, "dark")`; no error in the console, no request to the outside."""
    opened = []

    def open_page(size=WIDE, scheme="light"):
        opened.append(heard(browser, size, scheme))
        return opened[-1]

    yield open_page
    assert [page.wrong for page in opened] == [[]] * len(opened)
    for page in opened:
        page.close()


# What a page holds, as its reader sees it.
LOOK = """() => { const article = document.querySelector('article') || document.body;
    const words = article.cloneNode(true);
    const around = document.body.cloneNode(true);
    around.querySelectorAll('article, code, pre, script, style, noscript').forEach(p => p.remove());
    words.querySelectorAll('code, pre, .output, .sig, noscript').forEach(part => part.remove());
    const links = [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'));
    return { title: document.title, links: [...new Set(links)],
        text: article.textContent, words: words.textContent, around: around.textContent,
        ids: [...document.querySelectorAll('[id]')].map(part => part.id),
        pictures: [...article.querySelectorAll('img')].map(picture => picture.alt),
        formulas: article.querySelectorAll('.math, math, mjx-container').length,
        folds: [...article.querySelectorAll('details:not([open]) > summary')]
            .map(summary => summary.textContent) }; }"""
UNFOLD = "document.querySelectorAll('article details').forEach(fold => fold.open = true)"
# The text is as wide as its window; what lies beyond the edge is in a box of its own that scrolls.
TOO_WIDE = """() => { const edge = document.documentElement.clientWidth + 1, found = [];
    for (const part of document.querySelectorAll('html, .content'))
        if (part.scrollWidth > part.clientWidth + 1) found.push(`<${part.localName}> scrolls`);
    for (const part of document.querySelectorAll('article *')) {
        if (part.getBoundingClientRect().right <= edge) continue;
        let box = part.parentElement;
        while (box.localName !== 'article' && !/auto|scroll/.test(getComputedStyle(box).overflowX))
            box = box.parentElement;
        if (box.localName === 'article')
            found.push(`<${part.localName}> ${part.textContent.slice(0, 60)}`); }
    return found; }"""
# Texts whose contrast with what is behind them is under 4.5, as WCAG 2 computes it.
FAINT = """() => { const seen = new Map(), style = part => getComputedStyle(part);
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => { [r, g, b] = [r, g, b].map(c => linear(c / 255));
        return .2126 * r + .7152 * g + .0722 * b; };
    const over = (ink, paper) => paper.map((c, at) => c + (ink[3] ?? 1) * (ink[at] - c));
    const papers = new Map([[null, [255, 255, 255]]]);
    const behind = part => { if (!papers.has(part))
        papers.set(part, over(rgb(style(part).backgroundColor), behind(part.parentElement)));
        return papers.get(part); };
    const article = document.querySelector('article');
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    for (let text; text = texts.nextNode();) {
        const part = text.parentElement;
        const shown = part.getClientRects().length && style(part).visibility !== 'hidden';
        if (!shown || !text.data.trim()) continue;
        const paper = behind(part), ink = over(rgb(style(part).color), paper);
        const [low, high] = [light(ink), light(paper)].sort((a, b) => a - b);
        const ratio = (high + .05) / (low + .05);
        if (ratio < 4.5) seen.set(`${ink} on ${paper}: ${ratio}`, text.data.trim().slice(0, 40)); }
    return [...seen].map(one => one.join(' ')); }"""


@pytest.fixture(scope="module")
def pages(site, browser):
    """What each page holds and what is wrong with it, by its name; each is opened once.

    The source code of the package is left out.
    """
    page = heard(browser)
    seen = {}
    for path in sorted(site.rglob("*.html")):
        if path.relative_to(site).parts[0] not in ("_modules", "_static"):
            page.goto(path.as_uri())
            seen[path.relative_to(site).as_posix()] = found = page.evaluate(LOOK)
            page.evaluate(UNFOLD)
            for look, (size, scheme) in LOOKS.items():
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                found[look] = page.evaluate(TOO_WIDE) + page.evaluate(FAINT)
            found["wrong"], page.wrong = page.wrong, []
    page.close()
    return seen


def cells_of(path, kind="code"):
    return [
        cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == kind
    ]


def title_of(path):
    return "".join(cells_of(path, "markdown")[0]["source"]).splitlines()[0].removeprefix("# ")


def packed(html):
    """The letters of some HTML or text, without tags and white space."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", html)))


def squeezed(text):
    return re.sub(r"\s+", "", text)


def test_every_lesson_is_a_page_with_its_title_and_stands_in_the_contents_and_on_the_first_page(
    pages,
):
    assert len(LESSONS) >= 12
    for path in LESSONS:
        page = f"notebooks/{path.stem}.html"
        assert pages[page]["title"].startswith(title_of(path))
        assert page in pages["index.html"]["links"] and page in pages["README.html"]["links"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_stored_output_is_on_its_page(pages, path):
    page = pages[f"notebooks/{path.stem}.html"]
    text, pictures = squeezed(page["text"]), squeezed("".join(page["pictures"]))
    outputs = [output for cell in cells_of(path) for output in cell["outputs"]]
    assert len(outputs) > 10
    for output in outputs:
        data = output.get("data", {})
        if "text/html" in data:
            html = "".join(data["text/html"])
            assert packed(html) in text
            assert all(
                packed(words) in pictures
                for words in re.findall(r'<img\b[^>]* alt="([^"]+)"', html)
            )
        else:
            shown = output.get("text") or data.get("text/plain") or output["traceback"]
            assert squeezed("".join(shown)) in text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_says_at_its_head_who_answers(pages, path):
    head = " ".join(pages[f"notebooks/{path.stem}.html"]["text"][:800].split())
    recording = ROOT / "notebooks" / "recordings" / f"{path.stem}.yaml"
    if not recording.exists():
        assert "this lesson has no recording" in head
    elif "\nsource: stand-in\n" in recording.read_text("utf-8")[:500]:
        assert "stand-in model" in head and "not Claude's" in head and recording.name in head


def test_what_came_of_a_guess_is_folded_and_opens(pages, site, reader):
    for path in LESSONS:
        guesses = [
            cell for cell in cells_of(path) if re.match(r"\w+ = guess\(", "".join(cell["source"]))
        ]
        folds = pages[f"notebooks/{path.stem}.html"]["folds"]
        assert folds.count(FOLD) == len(guesses) > 0, path.stem
    page = reader()
    page.goto((site / "notebooks" / f"{LESSONS[0].stem}.html").as_uri())
    fold = page.locator(".output details").filter(has_text=FOLD).first
    assert not fold.get_by_text("It was").is_visible()
    fold.get_by_text(FOLD).click()
    assert fold.get_by_text("It was").is_visible()


def test_a_timeline_plays_below_its_fold(site, reader):
    folds = re.compile(r"<summary[^>]*>[^<]*Play")
    playing = [path.stem for path in LESSONS if folds.search(path.read_text("utf-8"))]
    page = reader()
    page.goto((site / "notebooks" / f"{playing[0]}.html").as_uri())
    fold = page.locator(".output details").filter(has_text="Play").first
    assert not fold.locator("img").is_visible()
    fold.locator("summary").click()
    assert fold.locator("img").is_visible()
    assert (
        fold.locator("img").evaluate("picture => picture.decode().then(() => picture.naturalWidth)")
        > 300
    )


def test_every_link_leads_to_a_page_and_every_anchor_to_a_place_on_it(site, pages):
    tried = 0
    for name, page in pages.items():
        for link in page["links"]:
            target, _, anchor = link.partition("#")
            if re.match(r"https?:|mailto:|javascript:", target):
                continue
            there = (site / name).parent / unquote(target) if target else site / name
            assert there.is_file(), f"{name}: {link}"
            assert there.suffix not in (".ipynb", ".md"), f"{name}: {link}"
            there = there.resolve().relative_to(site.resolve()).as_posix()
            assert not anchor or there not in pages or unquote(anchor) in pages[there]["ids"], (
                f"{name}: {link}"
            )
            tried += 1
    assert tried > 5000


def test_no_page_shows_markup_or_sets_money_as_mathematics_and_no_two_have_one_title(pages):
    for name, page in pages.items():
        signs = re.findall(r"\*\*|`|\]\(|:::|<[a-z]+>", page["words"])
        # a docstring may name the sign `**`
        assert signs == [] or name.startswith("docs/api/"), name
        assert re.findall(r"\*\*|`|\]\(|:::", page["around"] + page["title"]) == [], name
        assert page["formulas"] == 0, name
    titles = [page["title"] for name, page in pages.items() if name != "index.html"]
    assert [title for title in titles if titles.count(title) > 1] == []


def test_the_first_page_has_a_card_for_each_lesson_below_its_part(site, reader):
    readme = (ROOT / "README.md").read_text("utf-8")
    parts = re.findall(r"^\| \*\*(Part \d)\*\*: (.+?) \|", readme, re.M)
    page = reader()
    page.goto((site / "index.html").as_uri())
    headings = page.locator("article h3").all_inner_texts()
    assert [f"{part}: {name}" for part, name in parts] == [
        heading.rstrip("#¶") for heading in headings if heading.startswith("Part")
    ]
    assert page.locator(".cards").count() == len(parts) >= 4
    cards = page.locator(".cards .card")
    course = read_course(ROOT / "notebooks")
    listed = [path for path in LESSONS if f"notebooks/{path.name}" in readme]
    assert cards.count() == len(listed)
    for number, path in enumerate(listed):
        card = cards.nth(number)
        assert card.get_attribute("href") == f"notebooks/{path.stem}.html"
        assert card.locator("strong").inner_text() == title_of(path)
        lesson = course[path.stem[:2]]
        small = card.locator("small").inner_text()
        assert small.startswith(f"{lesson.read} min to read, {lesson.practise} to practise")
        assert re.findall(r"\b\d\d\b", small.partition("needs")[2]) == [*lesson.needs]
        assert len(card.locator("span").inner_text()) > 10


def test_authors_pages_are_not_in_the_learners_contents(site, reader):
    page = reader()
    page.goto((site / "notebooks" / f"{LESSONS[1].stem}.html").as_uri())
    shown = page.locator(".sidebar-tree a:visible").all_inner_texts()
    assert len([name for name in shown if re.match(r"\d\d", name)]) == len(LESSONS)
    others = [name for name in shown if not re.match(r"\d\d", name)]
    assert [name for name in others if re.search("Replies|reply_desk|Serve a room", name)] == []
    assert len(others) <= 6


def test_a_line_of_100_characters_fits_at_1280(site, reader):
    page = reader()
    page.goto((site / "notebooks" / f"{LESSONS[1].stem}.html").as_uri())
    lines = """() => { const code = document.querySelector('.cell_input pre');
        code.textContent = 'x'.repeat(100);
        const range = document.createRange(); range.selectNodeContents(code);
        return new Set([...range.getClientRects()].map(box => box.top)).size; }"""
    assert page.evaluate(lines) == 1


def test_at_360_timelines_are_in_their_narrow_form_and_fit(site, reader):
    page = reader(PHONE)
    tried = 0
    for path in LESSONS[:4]:
        page.goto((site / "notebooks" / f"{path.stem}.html").as_uri())
        page.evaluate(UNFOLD)
        pairs = page.evaluate(
            """() => [...document.querySelectorAll('.output div > img[style*="clamp"] + img')]
            .filter(narrow => narrow.parentElement.getClientRects().length).map(narrow => [
                narrow.previousElementSibling.getBoundingClientRect().width,
                narrow.getBoundingClientRect().width,
                narrow.getBoundingClientRect().right]); }""".replace("]); }", "])")
        )
        assert all(wide == 0 and width > 300 and right <= 360 for wide, width, right in pairs)
        tried += len(pairs)
    assert tried > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sheet_is_printed_without_the_web_around_it_and_with_lines_to_write_on(
    site, reader, scheme
):
    page = reader(scheme=scheme)
    page.goto((site / "teaching" / "sheets" / "03_parallel.html").as_uri())
    page.emulate_media(media="print")
    for part in ("footer", ".related-pages", ".sidebar-drawer", ".mobile-header", ".toc-drawer"):
        assert [one for one in page.locator(part).all() if one.is_visible()] == [], part
    texts = page.locator("article p").all_inner_texts()
    assert len([text for text in texts if set(text) == {"_"} and len(text) > 40]) >= 2


def test_a_reader_goes_on_from_lesson_to_lesson(site, reader):
    page = reader(PHONE)
    page.goto((site / "notebooks" / f"{LESSONS[0].stem}.html").as_uri())
    for path in LESSONS[1:]:
        page.locator(".next-page").click()
        assert page.url.endswith(f"/notebooks/{path.stem}.html")
    page.locator(".prev-page").click()
    assert page.url.endswith(f"/notebooks/{LESSONS[-2].stem}.html")


def words_of_one_page(pages, path):
    """The long words of a lesson's prose that no other page has."""
    prose = "".join("".join(cell["source"]) for cell in cells_of(path, "markdown"))
    words = set(
        re.findall(
            r"(?<![-\w`.])[a-z]{9,}(?![-\w`])",
            re.sub(r"<details>.*?</details>", "", prose, flags=re.S),
        )
    )
    others = " ".join(page["text"] for name, page in pages.items() if path.stem not in name)
    return sorted(word for word in words if word[:7] not in others.lower())


def test_the_search_leads_to_the_place_that_was_found(site, pages, reader):
    found = ((path, words_of_one_page(pages, path)) for path in reversed(LESSONS))
    lesson, (word, *_) = next((path, words) for path, words in found if words)
    page = reader(PHONE)
    page.goto((site / "index.html").as_uri())
    page.locator("label[for=__navigation]:visible").first.click()
    page.get_by_placeholder("Search").fill(word)
    page.keyboard.press("Enter")
    page.locator("#search-results li a").filter(has_text=title_of(lesson)).first.click()
    found = page.locator("article .highlighted").first
    found.wait_for()
    assert found.inner_text().lower().startswith(word[:7])
    seen = "found => { const at = found.getBoundingClientRect().y; return at > 0 && at < 740; }"
    page.wait_for_function(seen, arg=found.element_handle())


def places_of(page, site, query):
    """The places that the search names for this query, best first, with their links."""
    page.goto((site / "search.html").as_uri() + f"?q={quote(query)}")
    page.locator("#places li").first.wait_for()
    return [
        (link.inner_text(), link.get_attribute("href"))
        for link in page.locator("#places li a").all()
    ]


def test_the_search_finds_a_sentence_where_it_stands_word_for_word(site, reader):
    page = reader()
    path = LESSONS[3]
    prose = "\n".join("".join(cell["source"]) for cell in cells_of(path, "markdown"))
    plain = re.findall(r"(?<=[.?] )[A-Z][a-z ,']{40,120}\.", prose)
    assert len(plain) > 3
    for sentence in plain[:3]:
        title, link = places_of(page, site, sentence)[0]
        assert title.startswith(title_of(path)) and link.startswith(f"notebooks/{path.stem}.html#")
    page.locator("#places li a").first.click()
    assert plain[2].split()[1] in page.locator("article").inner_text()


def test_the_search_answers_a_question_though_no_page_has_all_its_words(site, reader):
    found = places_of(reader(), site, "why is my orchestrator slow")
    assert [title for title, _ in found if "orchestrator" in title]
    assert [title for title, _ in found if "slow" in title]
    assert len(found) <= 8


def test_the_search_finds_a_function_of_the_package(site, reader):
    page = reader()
    page.goto((site / "search.html").as_uri() + "?q=fan_out")
    page.locator("#search-results li.kind-object a").filter(has_text="fan_out").first.click()
    assert "/docs/api/" in page.url and page.url.endswith("fan_out")


def test_every_lesson_links_names_of_the_package_to_the_reference(pages, site, reader):
    for path in LESSONS[1:]:
        links = pages[f"notebooks/{path.stem}.html"]["links"]
        assert [
            link for link in links if link.startswith("../docs/api/mas_helpers.") and "#" in link
        ], path.stem
    page = reader()
    page.goto((site / "notebooks" / f"{LESSONS[1].stem}.html").as_uri())
    link = page.locator("a.api").first
    name = link.inner_text()
    link.click()
    entry = page.locator(f"[id='{page.url.split('#')[1]}']")
    assert name in entry.inner_text() and entry.is_visible()


def test_the_reference_has_every_module_and_every_name_that_the_package_hands_out(pages):
    modules = {
        path.relative_to(ROOT).with_suffix("") for path in (ROOT / "mas_helpers").rglob("*.py")
    }
    names = {
        ".".join(path.parts).removesuffix(".__init__")
        for path in modules
        if path.name != "__main__"
    }
    assert {f"docs/api/{name}.html" for name in names} <= pages.keys()
    ids = {
        place
        for name, page in pages.items()
        if name.startswith("docs/api/")
        for place in page["ids"]
    }
    things = [getattr(mas_helpers, name) for name in mas_helpers.__all__]
    things = [thing for thing in things if inspect.isclass(thing) or inspect.isfunction(thing)]
    missing = [
        one.__qualname__ for one in things if f"{one.__module__}.{one.__qualname__}" not in ids
    ]
    assert len(things) > 30 and missing == []


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_scrolls_sideways_and_every_text_stands_out_from_what_is_behind_it(pages, look):
    assert {name: page[look] for name, page in pages.items() if page[look]} == {}


def test_no_page_has_an_error_or_asks_for_anything_outside(pages):
    assert {name: page["wrong"] for name, page in pages.items() if page["wrong"]} == {}


def test_a_link_that_leads_nowhere_stops_the_build_and_is_named(command, tmp_path):
    links = ["[x](gone.md)", "[x](#gone)", "[x](page.md#gone)", "![x](gone.svg)", "[x](gone.py)"]
    (tmp_path / "page.md").write_text("\n\n".join(["# A page", *links]), "utf-8")
    *before, _, pages = command(tmp_path)
    few = ["-D", "root_doc=page", "-D", "include_patterns=page.md"]
    done = subprocess.run(
        [*before, *few, str(tmp_path), pages], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 1
    named = re.findall(r"page\.md:(\d+): WARNING: .*gone", done.stderr)
    assert sorted(set(map(int, named))) == [3, 5, 7, 9, 11], done.stderr
