"""Every lesson in JupyterLab in a real browser, as readers meet it: Run All, the panel,
Shift+Enter, Stop.
"""

import re

import nbformat
import pytest
from browser import NARROW, ROOT, STARTING, TOO_WIDE, WIDE, Reader, served

FORMULAS = "() => jupyterapp.shell.currentWidget.node.querySelectorAll('mjx-container').length"
# The rendered text of each Markdown cell: what is not rendered shows no formula either.
TEXTS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'markdown')
    .map(cell => cell.node.querySelector('.jp-RenderedMarkdown')?.textContent.trim() || '')"""
SHOW = """async number => { const notebook = jupyterapp.shell.currentWidget.content;
    const cell = notebook.widgets.filter(one => one.model.type === 'code')[number];
    await notebook.scrollToCell(cell); return cell.outputArea.node; }"""
# Tables that do not begin at the left of their place, and cells of a text's tables that do not.
ASKEW = """() => [...jupyterapp.shell.currentWidget.content.node.querySelectorAll(
    '.jp-RenderedMarkdown table, .jp-OutputArea-output table')].filter(table => {
        const room = table.parentElement, style = getComputedStyle(room);
        const left = room.getBoundingClientRect().left + parseFloat(style.paddingLeft);
        const cell = table.querySelector('td:not([align])');
        const text = cell && room.closest('.jp-RenderedMarkdown');
        return table.getBoundingClientRect().left - left > 2
            || (text && !/left|start/.test(getComputedStyle(cell).textAlign));
    }).map(table => table.textContent.slice(0, 60))"""
# Whether the pictures in texts keep 11 of their 13 pixels: JupyterLab cleans the HTML of texts, and
# without its styles the wide one would be shown, and shrink.
HEAD_FITS = """() => [...document.querySelectorAll('.jp-MarkdownOutput img')].every(image =>
    image.complete && image.clientWidth >= (image.clientWidth && image.naturalWidth * 11 / 13 - 1))
    && [...document.querySelectorAll('.jp-MarkdownOutput')].length > 0"""
BUTTONS = "() => document.querySelectorAll('.jp-OutputArea-output .jupyter-button').length"
NO_WIDGET = "Error displaying widget"
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder of the course that JupyterLab serves."""
    return tmp_path_factory.mktemp("lab") / "course"


@pytest.fixture(scope="module")
def lab(browser, course):
    """The address of the course in JupyterLab."""
    with served(course) as url:
        yield url


@pytest.fixture(scope="module")
def steady(browser, lab):
    """A reader who goes through the whole course on one page."""
    return Reader(browser, lab)


@pytest.fixture
def reader(steady):
    """The same, for one lesson: when it is closed, nothing may have gone wrong."""
    yield steady
    steady.close()
    wrong, steady.wrong = steady.wrong, []
    assert wrong == []


def ended(cells):
    # what comes after it is not run
    failed = any(cell["error"] and not cell["allowed"] for cell in cells)
    return not any(cell["waits"] for cell in cells) and (
        failed or all(cell["count"] for cell in cells)
    )


def use_panel(page, number):
    """Run, Stop while it runs, and a short Run to its end, with fields and buttons as a reader
    finds them.
    """
    runs = page.get_by_label("runs", exact=True).nth(number)

    def press(button, said):
        page.locator(f".jupyter-button:text-is('{button}')").nth(number).click()
        page.get_by_text(re.compile(said)).nth(number).wait_for()

    runs.fill("100000")
    press("Run", r"^[1-9][\d,]* of 100,000 runs · running$")
    press("Stop", r"^[1-9][\d,]* of 100,000 runs · stopped$")
    runs.fill("20")
    press("Run", r"^20 of 20 runs · done$")


def numbers_of(cells, pattern):
    """Which code cells have a line that begins like this."""
    return [n for n, cell in enumerate(cells) if re.search(pattern, cell["source"], re.M)]


def turn_knobs(reader, number):
    """Turns each knob of the figure in this code cell as far as it goes; True where the picture
    changed.
    """
    shown = reader.page.evaluate_handle(SHOW, number).as_element()
    picture = shown.query_selector_all(".widget-html")[-1]
    before = picture.inner_html()
    assert "<img" in before or len(picture.inner_text()) > 20
    for handle in shown.query_selector_all(".noUi-handle"):
        handle.focus()
        handle.press("End")
    for choices in shown.query_selector_all(".widget-toggle-buttons"):
        choices.query_selector_all("button")[-1].click()
    for box in shown.query_selector_all("input[type=checkbox]"):
        box.click()
    changed = "([picture, before]) => picture.innerHTML !== before"
    return reader.sees(changed, [picture, before])


def answer_guess(reader, cells, number):
    """Answers the guess of this code cell, by its first button or in its field; True where what
    waited for it opened.
    """
    name = re.search(r"^(\w+) = guess\(", cells[number]["source"], re.M)[1]
    shown = reader.page.evaluate_handle(SHOW, number).as_element()
    if buttons := shown.query_selector_all(".widget-toggle-buttons button"):
        buttons[0].click()
    else:
        shown.query_selector("input").fill("1")
        shown.query_selector("input").press("Enter")
    (told,) = numbers_of(cells, rf"^{name}\.reveal\(")
    shown = reader.page.evaluate_handle(SHOW, told).as_element()
    opened = "shown => /You guessed/.test(shown.innerText) && !/Waiting for/.test(shown.innerText)"
    return reader.sees(opened, shown)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_from_its_first_cell_to_its_last_and_nothing_goes_wrong(reader, lesson):
    reader.open(lesson)
    for size in (NARROW, WIDE):
        reader.look(size)
        assert reader.sees(HEAD_FITS), size
    reader.choose("Edit", "editmenu:clear-all")
    reader.choose("Run", "runmenu:run-all")
    reader.wait_until(lambda cells: sum(cell["waits"] for cell in cells) > 1)
    cells = reader.wait_until(ended)
    assert [cell["error"] for cell in cells if cell["error"] and not cell["allowed"]] == []
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert [
        cell["source"]
        for cell in cells
        if re.search("Error displaying|Loading widget", cell["shown"])
    ] == []
    panels = sum(bool(re.search(r"^panel\(", cell["source"], re.M)) for cell in cells)
    for number in range(panels):
        use_panel(reader.page, number)
    assert reader.page.locator(".jupyter-button:text-is('Run')").count() == panels
    assert [n for n in numbers_of(cells, r"^figure\(") if not turn_knobs(reader, n)] == []
    guesses = numbers_of(cells, r"^\w+ = guess\(")
    assert [n for n in guesses[:1] if not answer_guess(reader, cells, n)] == []
    assert [text for text in reader.page.evaluate(TEXTS) if not text] == []
    assert reader.page.evaluate(FORMULAS) == 0
    assert reader.page.evaluate(ASKEW) == []
    assert reader.page.evaluate(TOO_WIDE) == []
    reader.look(NARROW, "Dark")
    assert reader.page.evaluate(TOO_WIDE) == []


def test_money_between_two_dollars_becomes_mathematics_and_the_count_sees_it(reader, course):
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": python})
    money = nbformat.v4.new_markdown_cell(r"No call once \$0.003 of \$0.0022 is paid.")
    notebook.cells = [money, nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(notebook, course / "notebooks" / "money.ipynb")
    reader.open("money")
    assert reader.sees(f"() => ({FORMULAS})() > 0")
    reader.choose("Run", "runmenu:run-all")
    reader.wait_until(ended)


def test_a_reader_who_presses_shift_enter_without_a_pause_sees_each_cell_run_once_and_can_stop_one(
    browser, lab
):
    reader = Reader(browser, lab.replace("lab?", "lab/tree/notebooks/00_start_here.ipynb?"))
    press, write = reader.page.keyboard.press, reader.page.keyboard.type
    # for a second JupyterLab has no kernel to ask, and then empties the cell
    reader.page.wait_for_function(STARTING)
    reader.page.locator(".jp-Notebook .jp-Cell").first.click()
    before = len(reader.cells())
    for _ in range(
        reader.page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length")
    ):
        press("Shift+Enter")
    *cells, new = reader.wait_until(lambda cells: len(cells) > before and ended(cells[:-1]))
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert [cell["error"] for cell in cells if cell["error"]] == []
    assert (new["source"], new["count"]) == ("", None)  # JupyterLab adds one to go on in
    write("import time; time.sleep(600)")
    press("Shift+Enter")
    reader.wait_until(lambda cells: cells[-2]["waits"])
    reader.page.locator("[data-command='notebook:interrupt-kernel']").first.click()
    cells = reader.wait_until(lambda cells: not any(cell["waits"] for cell in cells))
    assert cells[-2]["error"] == "KeyboardInterrupt: "
    write("6 * 7")
    press("Shift+Enter")
    assert reader.wait_until(lambda cells: cells[-2]["count"])[-2]["shown"].endswith("42")
    # a guess may be sent before JupyterLab is ready for widgets: then it says so, and asks again
    assert [text for text in reader.wrong if "widget model not found" not in text] == []
    assert reader.page.evaluate(BUTTONS) >= 2 and not reader.page.get_by_text(NO_WIDGET).count()
    reader.close()
