"""The HTML edition: whole, from the stored outputs, every link good, nothing from elsewhere, to read on a phone."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import html_edition
import pytest

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that the command wrote."""
    folder = tmp_path_factory.mktemp("site")
    assert html_edition.main(["--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}


def plain(text):
    """The words of some HTML, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def outputs(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        yield from cell.get("outputs", [])


def sections(site):
    index = (site / "search-index.js").read_text("utf-8")
    assert index.startswith("const SECTIONS = [") and index.endswith("];\n")
    return json.loads(index.removeprefix("const SECTIONS = ").removesuffix(";\n"))


# The course that is here


def test_every_lesson_is_a_page_and_stands_on_the_first_page_with_its_minutes(pages):
    for path in LESSONS:
        assert f"notebooks/{path.stem}.html" in pages
        assert f'href="notebooks/{path.stem}.html"' in pages["index.html"].split("<main")[1]
    assert len(re.findall(r"\d+ to read, \d+ to practise", pages["index.html"])) == len(LESSONS)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_stored_output_is_on_its_page(pages, path):
    page = pages[f"notebooks/{path.stem}.html"]
    words, found = plain(page), 0
    for output in outputs(path):
        data = output.get("data", {})
        if "text/html" in data:
            shown = "".join(data["text/html"])
            assert plain(shown) in words
            assert all(picture in page for picture in re.findall(r'<img src="data:[^"]+"', shown))
        else:
            text = "".join(data.get("text/plain") or output.get("text") or output["traceback"])
            assert html.escape(text) in page
        found += 1
    assert found > 10


def test_every_link_leads_to_a_page_and_every_anchor_to_a_heading(site, pages):
    tried = 0
    for name, page in pages.items():
        for link in map(html.unescape, re.findall(r'<a\b[^>]*\bhref="([^"]*)"', page)):
            if link.startswith("https://"):
                continue  # it leads out of the course: listed, and not tried
            target, _, anchor = link.partition("#")
            there = (site / name).parent / unquote(target) if target else site / name
            assert there.is_file(), f"{name}: {link}"
            assert not anchor or f'id="{html.escape(unquote(anchor))}"' in there.read_text("utf-8"), f"{name}: {link}"
            tried += 1
    assert tried > 500


def test_no_link_leads_to_a_notebook_or_a_markdown_file(pages):
    assert re.findall(r'href="[^"]*\.(?:ipynb|md)["#]', "".join(pages.values())) == []


def test_nothing_is_loaded_from_elsewhere(site, pages):
    for page in pages.values():
        for loaded in re.findall(r'<(?:img|script|link|iframe|source)\b[^>]*?(?:src|href)="([^"]*)"', page):
            assert not re.match(r"(?!data:)(\w+:|//)", loaded), loaded
        assert "@import" not in page and "url(http" not in page
    for name in ("style.css", "search.js"):
        assert "http" not in (site / name).read_text("utf-8") and "url(" not in (site / name).read_text("utf-8")


def test_a_page_says_its_language_its_title_and_how_to_skip_to_the_text(pages):
    for name, page in pages.items():
        assert '<html lang="en">' in page and 'name="viewport" content="width=device-width' in page, name
        assert page.index('href="#page-text"') < page.index("<header>") < page.index('<main id="page-text">'), name
    titles = [re.search("<title>(.+?)</title>", page)[1] for page in pages.values()]
    assert len(set(titles)) == len(titles)


def test_headings_are_in_order_and_no_two_have_one_anchor(pages):
    for name, page in pages.items():
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), name
        anchors = re.findall(r'<(?:h\d|main|nav|footer)\b[^>]* id="([^"]+)"', page)
        assert len(set(anchors)) == len(anchors), name


def test_every_picture_has_words(pages):
    pictures = re.findall(r"<img\b[^>]*>", "".join(pages.values()))
    assert len(pictures) > 40
    assert [picture[-200:] for picture in pictures if not re.search(r'alt="[^"]{10,}"', picture)] == []


def test_a_lesson_marks_itself_in_the_contents_and_leads_on(pages):
    page = pages["notebooks/03_parallel.html"]
    assert re.findall(r'<a href="(\S+)" aria-current="page">', page) == ["03_parallel.html"]
    turn = page.split('<nav class="turn"')[1].split("</nav>")[0]
    assert re.findall(r'href="(\S+)"', turn) == ["02_router.html", "04_pipeline.html"]


def test_a_lesson_says_at_its_head_and_foot_who_answered(pages):
    for path in LESSONS:
        page = plain(pages[f"notebooks/{path.stem}.html"])
        recorded = (ROOT / "notebooks" / "recordings" / f"{path.stem}.yaml").exists()
        assert page.count("They are not Claude's" if recorded else "a function plays it.") == 2, path.stem


def test_the_search_finds_prose_code_and_headings(site):
    found = [(page, heading) for page, _, _, heading, text in sections(site) if "semaphore" in text.lower()]
    assert ("notebooks/03_parallel.html", "fan_out") in found
    assert any("return {name: task.result() for" in text for *_, text in sections(site))
    assert any(heading == "Threads, and how many clients" for *_, heading, _ in sections(site))


def test_the_search_leads_to_anchors_that_are_there(pages, site):
    for page, _, anchor, _, _ in sections(site):
        assert f'id="{html.escape(anchor)}"' in pages[page]


def test_another_process_writes_the_same_bytes(site, tmp_path):
    command = [sys.executable, html_edition.__file__, "--to", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "7"}, timeout=60)
    files = [path.relative_to(site) for path in site.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [name for name in files if (site / name).read_bytes() != (tmp_path / name).read_bytes()] == []


# Courses of a page or two


@pytest.fixture
def course(tmp_path):
    """Makes a course of one lesson: `course("text of a cell", …)` is its folder."""

    def make(*cells, outputs=(), source="stand-in"):
        notebooks = tmp_path / "course" / "notebooks"
        (notebooks / "recordings").mkdir(parents=True)
        table = "| | lesson | you build |\n|---|---|---|\n| **Part 1** | [00 one](notebooks/00_one.ipynb) | nothing |"
        (notebooks.parent / "README.md").write_text(f"# A course\n\nAbout it.\n\n{table}\n", "utf-8")
        (notebooks / "recordings" / "00_one.yaml").write_text(f"format: 1\nsource: {source}\n", "utf-8")
        parts = [{"cell_type": "markdown", "source": text} for text in ("# One\n\n**The question:** why?", *cells)]
        parts.append({"cell_type": "code", "source": "compare(my_guess, 1)", "outputs": list(outputs)})
        (notebooks / "00_one.ipynb").write_text(json.dumps({"cells": parts}), "utf-8")
        return notebooks.parent

    return make


def lesson_of(folder):
    return html_edition.edition(folder)[0]["notebooks/00_one.html"].decode()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("[x](02_two.ipynb)", "notebooks/00_one.ipynb links to 02_two.ipynb, and there is no such file."),
        ("[x](../../secret.md)", "notebooks/00_one.ipynb links to ../../secret.md, and there is no such file."),
        ("[x](#Nowhere)", "notebooks/00_one.html links to #Nowhere, and notebooks/00_one.html has no such heading."),
        (
            "[x](../README.md#no)",
            "notebooks/00_one.html links to ../README.html#no, and README.html has no such heading.",
        ),
        ('<a href="02_two.ipynb">x</a>', "notebooks/00_one.ipynb links to 02_two.ipynb, and there is no such file."),
        ("![x](https://a.example/b.png)", "notebooks/00_one.html loads https://a.example/b.png from elsewhere; "),
        ('<p style="background:url(//a.example/b)">', "notebooks/00_one.html loads //a.example/b from elsewhere; "),
    ],
)
def test_a_link_that_leads_nowhere_is_named_with_its_page_and_nothing_is_written(
    course, cell, said, tmp_path, monkeypatch, capsys
):
    (tmp_path / "secret.md").write_text("# Not of the course", "utf-8")
    monkeypatch.setattr(html_edition, "ROOT", course(cell))
    assert html_edition.main(["--to", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith(said)
    assert not (tmp_path / "out").exists()


def test_a_broken_link_in_an_output_is_named_too(course):
    shown = {"output_type": "display_data", "data": {"text/html": '<p>See <a href="gone.ipynb">this</a></p>'}}
    with pytest.raises(html_edition.Refused, match=r"00_one.ipynb links to gone.ipynb, and there is no such file"):
        lesson_of(course(outputs=[shown]))


def test_links_that_lead_out_are_listed_and_not_tried(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(html_edition, "ROOT", course("[x](https://a.example/b) and mail@a.example"))
    assert html_edition.main(["--to", str(tmp_path / "out")]) == 0
    assert "not tried, for they lead out of the course: https://a.example/b\n" in capsys.readouterr().out


def test_two_headings_of_one_name_get_two_anchors(course):
    page = lesson_of(course("## Try it\n\n[first](#Try-it)", "## Try it\n\n[second](#Try-it-1)", "## page-text"))
    assert re.findall(r'<h2 id="(\S+)"', page) == ["Try-it", "Try-it-1", "page-text-1"]


def test_an_anchor_may_hold_a_question_mark_and_code(course):
    page = lesson_of(course("## What is `fan_out`?\n\n[there](#What-is-fan_out?)"))
    assert 'id="What-is-fan_out?"' in page and 'href="#What-is-fan_out%3F"' in page


def test_what_a_lesson_links_to_becomes_a_page(course):
    folder = course("[solution](one.py), [folder](../kit), [data](recordings/00_one.yaml)")
    (folder / "notebooks" / "one.py").write_text("def one():\n    return '<b>'\n", "utf-8")
    (folder / "kit").mkdir()
    (folder / "kit" / "README.md").write_text("# Kit\n\n## To do: now!\n\n[there](#to-do-now)", "utf-8")
    files, _ = html_edition.edition(folder)
    assert "&lt;b&gt;" in files["notebooks/one.py.html"].decode()
    assert 'href="../kit/README.html"' in files["notebooks/00_one.html"].decode()
    assert "notebooks/recordings/00_one.yaml.html" in files and "kit/README.html" in files


def test_two_pages_of_one_title_are_told_apart_by_their_folders(course):
    folder = course("[for who teaches](../kit/one.md)")
    (folder / "kit").mkdir()
    (folder / "kit" / "one.md").write_text("# One", "utf-8")
    assert "<title>One (kit) · " in html_edition.edition(folder)[0]["kit/one.html"].decode()
    assert "<title>One · " in lesson_of(folder)


def test_a_fold_keeps_its_markdown_and_its_code(course):
    fold = "<details><summary>A solution</summary>\n\n**Like this:**\n\n```python\nx = 1\n```\n\n</details>"
    page = lesson_of(course(fold))
    inside = page.split("<summary>A solution</summary>")[1].split("</details>")[0]
    assert "<strong>Like this:</strong>" in inside and '<span class="mi">1</span>' in inside


def test_dollars_are_no_mathematics(course):
    assert "costs $0.02 and <code>b</code> costs $0.03" in lesson_of(course("`a` costs $0.02 and `b` costs $0.03"))


def test_what_came_of_a_guess_is_folded(course):
    page = lesson_of(course(outputs=[{"output_type": "stream", "name": "stdout", "text": ["it was <4>\n"]}]))
    assert "it was &lt;4&gt;" in page.split("<summary>Make your guess, then open</summary>")[1].split("</details>")[0]


def test_replies_of_the_api_are_not_called_those_of_a_stand_in(course):
    page = plain(lesson_of(course(source="api.anthropic.com")))
    assert "The replies on this page were recorded from api.anthropic.com." in page
    assert "stand-in" not in page.split("any page")[0] and "not Claude's" not in page


# The folder


@pytest.fixture
def to(course, tmp_path, monkeypatch):
    monkeypatch.setattr(html_edition, "ROOT", course("[a](a.md)"))
    (html_edition.ROOT / "notebooks" / "a.md").write_text("# A", "utf-8")
    folder = tmp_path / "out"
    return lambda: (html_edition.main(["--to", str(folder)]), folder)


def test_a_folder_with_other_files_is_left_alone(to, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("mine", "utf-8")
    code, folder = to()
    assert code == 1 and "holds files that this command did not make, so it is left alone" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    assert (folder / "index.html").read_text("utf-8") == "mine"


def test_a_file_in_its_place_is_left_alone(to, tmp_path, capsys):
    (tmp_path / "out").write_text("mine", "utf-8")
    code, folder = to()
    assert code == 1 and "is a file. Name a folder" in capsys.readouterr().err
    assert folder.read_text("utf-8") == "mine"


def test_a_second_edition_replaces_the_first_and_touches_no_file_of_the_reader(to):
    _, folder = to()
    (folder / "notes.txt").write_text("mine", "utf-8")
    assert (folder / "notebooks" / "a.html").exists()
    text = (html_edition.ROOT / "notebooks" / "00_one.ipynb").read_text("utf-8")
    (html_edition.ROOT / "notebooks" / "00_one.ipynb").write_text(text.replace("[a](a.md)", "a is gone"), "utf-8")
    assert to()[0] == 0
    assert not (folder / "notebooks" / "a.html").exists()
    assert (folder / "notes.txt").read_text("utf-8") == "mine"


def test_it_ends_with_what_to_open(to, capsys):
    _, folder = to()
    assert capsys.readouterr().out.splitlines()[-1].endswith(f": {folder / 'index.html'}")


# In a browser, from the files


@pytest.fixture
def reader(browser):
    """A page of a given width, light or dark, that notes what goes wrong in `page.wrong`."""
    opened = []

    def open_page(width, scheme="light", **options):
        page = browser.new_page(viewport={"width": width, "height": 740}, color_scheme=scheme, **options)
        page.wrong = []
        page.on("console", lambda said: page.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda asked: None if asked.url[:5] in ("file:", "data:") else page.wrong.append(asked.url))
        opened.append(page)
        return page

    yield open_page
    assert [page.wrong for page in opened] == [[]] * len(opened)
    for page in opened:
        page.close()


UNFOLD = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
# The page is as wide as its window; what lies beyond the edge is in a box that scrolls.
TOO_WIDE = """() => { const page = document.documentElement, edge = page.clientWidth + 1, found = [];
    if (page.scrollWidth > edge) found.push(`the page scrolls: ${page.scrollWidth}`);
    for (const part of document.querySelectorAll('main *, header *, footer *')) {
        if (part.getBoundingClientRect().right <= edge) continue;
        let box = part.parentElement;
        while (box && !/auto|scroll|hidden/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
        if (!box) found.push(`<${part.localName}> ${part.textContent.slice(0, 60)}`); }
    return found; }"""
UNREACHED = """() => [...document.querySelectorAll('main *')].filter(box => box.tabIndex < 0
    && box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX))
    .map(box => box.textContent.slice(0, 60))"""
# Texts whose contrast with what is behind them is under 4.5, as WCAG 2 computes it.
FAINT = """() => { const seen = new Map(), style = part => getComputedStyle(part);
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const light = colour => { const [r, g, b] = rgb(colour).map(c => linear(c / 255));
        return .2126 * r + .7152 * g + .0722 * b; };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; text = texts.nextNode();) {
        if (!text.data.trim() || !text.parentElement.getClientRects().length) continue;
        let part = text.parentElement;
        const own = style(part).color;
        while (part.parentElement && rgb(style(part).backgroundColor)[3] === 0) part = part.parentElement;
        const behind = style(part).backgroundColor, [low, high] = [light(own), light(behind)].sort((a, b) => a - b);
        const ratio = (high + .05) / (low + .05);
        if (ratio < 4.5) seen.set(`${own} on ${behind}: ${ratio.toFixed(2)}`, text.data.trim().slice(0, 40)); }
    return [...seen].map(one => one.join(' ')); }"""


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_no_page_scrolls_sideways_and_every_text_stands_out_from_what_is_behind_it(reader, site, pages, width, scheme):
    page = reader(width, scheme)
    for name in pages:
        page.goto((site / name).as_uri())
        page.evaluate(UNFOLD)
        assert page.evaluate(TOO_WIDE) == [], name
        assert page.evaluate(FAINT) == [], name
        assert width == 360 or page.evaluate(UNREACHED) == [], f"{name}: the keyboard cannot scroll this"


def test_text_on_a_phone_is_of_16_pixels_or_more_and_links_can_be_hit(reader, site):
    page = reader(360)
    page.goto((site / "notebooks/03_parallel.html").as_uri())
    sizes = "parts => parts.map(part => parseFloat(getComputedStyle(part).fontSize))"
    assert min(page.locator("main p, main li, footer p").evaluate_all(sizes)) >= 16
    heights = "links => links.map(link => link.getBoundingClientRect().height)"
    assert min(page.locator("header a:visible, .turn a, main > details > summary").evaluate_all(heights)) >= 44


def test_the_contents_open_on_a_phone_and_lead_on_without_javascript(reader, site):
    page = reader(360, java_script_enabled=False)
    page.goto((site / "notebooks/03_parallel.html").as_uri())
    contents = page.get_by_role("navigation", name="Contents")
    assert not contents.is_visible()
    page.get_by_role("link", name="Contents", exact=True).click()
    contents.get_by_role("link", name="Exercises").click()
    assert not contents.is_visible() and page.url.endswith("#Exercises")
    page.get_by_role("link", name="04 ·").last.click()
    assert page.url.endswith("/notebooks/04_pipeline.html")


def test_the_search_leads_by_keyboard_to_the_section(reader, site):
    page = reader(360)
    page.goto((site / "search.html").as_uri())
    page.keyboard.type("Semaphore seats")  # the field has the focus
    assert page.get_by_role("status").inner_text().endswith("sections")
    assert page.locator("#page-found mark").first.inner_text().lower() in ("semaphore", "seats")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/03_parallel.html#fan_out")
    assert page.locator("#fan_out").bounding_box()["y"] < 200


def test_the_search_says_when_nothing_is_found(reader, site):
    page = reader(360)
    page.goto((site / "search.html").as_uri() + "?q=xylophone")
    assert page.get_by_role("status").inner_text() == "Nothing found. Try fewer or shorter words."
    page.get_by_role("searchbox").fill("")
    assert page.get_by_role("status").inner_text() == ""
    assert page.locator("#page-found li").count() == 0


def test_the_search_shows_markup_as_text_whether_typed_or_in_a_lesson(reader, course, tmp_path):
    markup = "<img src=x onerror=console.error(1)>"
    html_edition.write(tmp_path / "out", html_edition.edition(course(f"## About `{markup}`\n\nNeedle `{markup}`."))[0])
    page = reader(360)
    page.goto((tmp_path / "out" / "search.html").as_uri())
    page.get_by_role("searchbox").fill("needle .* (")
    assert page.get_by_role("status").inner_text() == "1 section"
    assert page.locator("#page-found").inner_text().count(markup) == 2
    assert page.locator("main img").count() == 0
