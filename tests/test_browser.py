"""Every lesson in JupyterLab in a real browser, as readers meet it: Run All, the panel,
Shift+Enter, Stop.
"""

import re

import pytest
from browser import NARROW, ROOT, STARTING, TOO_WIDE, Reader, served

LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The address of the course in JupyterLab."""
    with served(tmp_path_factory.mktemp("lab") / "course") as url:
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


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_from_its_first_cell_to_its_last_and_nothing_goes_wrong(reader, lesson):
    reader.open(lesson)
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
    assert reader.page.evaluate(TOO_WIDE) == []
    reader.look(NARROW, "Dark")
    assert reader.page.evaluate(TOO_WIDE) == []


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
    assert reader.wrong == []
    reader.close()
