"""Pictures in a real browser: narrow boxes and dark pages."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_look import PICTURES, each_picture

from mas_helpers.course.notebooks import read_notebook
from mas_helpers.pictures import side_by_side
from mas_helpers.pictures.svg import NARROW

# pixels of an output in JupyterLab 4.6 in a window of 800, the file browser open (measured), and of
# a page of the site on a phone that is 360 wide
BESIDE_THE_FILES, PHONE = 348, 328
pytestmark = pytest.mark.slow


def draw_in_a_thread(picture):
    """The picture, drawn where no loop of the browser's runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(picture).result()


def images_in(browser, picture, box):
    """The width of each image of a picture in a box so many pixels wide."""
    page = browser.new_page()
    still = picture.html.partition("<details>")[0]
    page.set_content(f'<div style="width:{box}px">{still}</div>')
    widths = page.eval_on_selector_all("img", "all => all.map(one => one.clientWidth)")
    page.close()
    return widths


@each_picture
def test_letters_keep_eleven_pixels_however_narrow_the_box_is(browser, picture):
    shown = draw_in_a_thread(picture)
    wide, _ = shown.size
    for box in (wide + 200, wide, round(wide * 0.9), 456, BESIDE_THE_FILES, PHONE):
        widths = images_in(browser, shown, box)
        assert sorted(widths)[0] == 0  # one of the two
        drawn = wide if widths[0] else NARROW
        assert 13 * max(widths) / drawn >= 10.99, (box, widths)
        assert max(widths) <= box


def test_letters_at_the_head_of_a_lesson_keep_eleven_pixels(browser, home, tmp_path):
    tried = 0
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        images = re.findall("<img .*?>", read_notebook(path)["cells"][0]["source"])
        page = browser.new_page()
        for box in (1200, 828, 600, BESIDE_THE_FILES) if images else ():
            html = "".join(images).replace("images/", (home / "notebooks/images").as_uri() + "/")
            file = tmp_path / "head.html"
            file.write_text(f'<p style="width:{box}px">{html}</p>', encoding="utf-8")
            page.goto(file.as_uri())
            sizes = "all => all.map(one => [one.clientWidth, one.naturalWidth])"
            shown = [(w, full) for w, full in page.eval_on_selector_all("img", sizes) if w]
            assert len(shown) == 1 and 13 * shown[0][0] / shown[0][1] >= 10.99, (path.stem, box)
            tried += 1
        page.close()
    assert tried > 60


# the average of all channels of an image, 0 to 255
LIGHTNESS = """async png => {
    const blob = await (await fetch("data:image/png;base64," + png)).blob();
    const bitmap = await createImageBitmap(blob);
    const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    drawing.drawImage(bitmap, 0, 0);
    const { data } = drawing.getImageData(0, 0, bitmap.width, bitmap.height);
    return data.filter((_, place) => place % 4 < 3).reduce((sum, one) => sum + one, 0)
        / (data.length * 3 / 4); }"""


def test_a_picture_is_dark_on_a_dark_page(browser):
    def lightness(scheme):
        page = browser.new_page(color_scheme=scheme)
        page.set_content(draw_in_a_thread(PICTURES["three"]).html.partition("<details>")[0])
        image = page.locator("img").first.screenshot()
        seen = page.evaluate(LIGHTNESS, base64.b64encode(image).decode())
        page.close()
        return seen

    assert lightness("light") > 200
    assert lightness("dark") < 60


# pixels of an output in JupyterLab 4.6 in a window of 1280, without the file browser (measured)
@pytest.mark.parametrize(("box", "rows"), [(828, 1), (PHONE, 2)])
def test_two_pictures_stand_in_one_row_where_there_is_room(browser, box, rows):
    def draw():
        one = PICTURES["three"]()
        return side_by_side(one=one, other=one)

    page = browser.new_page()
    page.set_content(f'<div style="width:{box}px">{draw_in_a_thread(draw).html}</div>')
    tops = page.eval_on_selector_all("b", "all => all.map(one => one.getBoundingClientRect().top)")
    images = "all => all.filter(one => one.clientWidth && !one.closest('details')).length"
    shown = page.eval_on_selector_all("img", images)
    page.close()
    assert (len(set(tops)), shown) == (rows, 2)
