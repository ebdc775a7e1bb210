"""The look of everything that a learner sees: colours that everyone can tell apart and read, room
that fits.
"""

import ast
import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from test_flows import orchestrated, pipeline
from test_flows import traced as told
from test_pictures import many, nested, three, traced

from mas_helpers import context, cost_table, flow, table, timeline
from mas_helpers.course.exercises import Result
from mas_helpers.pictures import palette
from mas_helpers.pictures.palette import MODELS, OTHER_MODEL, SOURCES, YOURS

SVG = "{http://www.w3.org/2000/svg}"
LIGHT, DARK = (
    "#ffffff",
    "#111111",
)  # the page of JupyterLab's themes: --jp-layout-color0 of JupyterLab Light and Dark

# What people see who lack one kind of cone, for linear RGB: Machado, Oliveira and Fernandes (2009),
# "A physiologically-
# based model for simulation of color vision deficiency", IEEE TVCG 15(6), the matrices of severity
# 1.0.
EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
# Distances in CIELAB (1976). 2.3 is just noticeable side by side (Mahy and others, 1994); six times
# as much is seen
# at a glance in small areas apart from each other. In grey only lightness is left, beside names and
# order: half of it.
FAR, FAR_IN_GREY = 15, 6


def linear(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def luminance(rgb):
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), rgb, strict=True))


def contrast(one, other):
    """As WCAG 2.2 defines it."""
    light, dark = sorted((luminance(linear(one)), luminance(linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIELAB of linear sRGB under D65."""
    matrix = [
        [0.412456, 0.357576, 0.180437],
        [0.212673, 0.715152, 0.072175],
        [0.019334, 0.119192, 0.950304],
    ]
    x, y, z = (
        (t / white) ** (1 / 3) if t / white > 216 / 24389 else (24389 / 27 * t / white + 16) / 116
        for t, white in zip(
            (sum(map(math.prod, zip(row, rgb, strict=True))) for row in matrix), D65, strict=True
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


D65 = 0.95047, 1.0, 1.08883


def seen(colour, eye):
    rgb = linear(colour)
    return lab(
        [min(1.0, max(0.0, sum(map(math.prod, zip(row, rgb, strict=True))))) for row in EYES[eye]]
    )


def closest(colours, far):
    return min((far(a, b), a, b) for a, b in itertools.combinations(colours, 2))


BARS = [fill for fill, _ in [*MODELS.values(), OTHER_MODEL]]
WORDS = [*SOURCES, YOURS]


def test_the_measures_agree_with_published_values():
    assert contrast("#ffffff", "#000000") == pytest.approx(21) and contrast(
        "#767676", "#ffffff"
    ) == pytest.approx(4.54, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.05)
    assert seen("#808080", "deuteranopia") == pytest.approx(
        lab(linear("#808080")), abs=0.1
    )  # grey stays grey
    red_and_green = (
        math.dist(seen("#b02020", eye), seen("#506000", eye))
        for eye in ("all cones", "deuteranopia")
    )
    assert next(red_and_green) > 60 > 30 > next(red_and_green)


@pytest.mark.parametrize("colours", [BARS, WORDS], ids=["models", "sources"])
@pytest.mark.parametrize("eye", EYES)
def test_any_eye_tells_the_colours_of_one_picture_apart(colours, eye):
    assert closest(colours, lambda a, b: math.dist(seen(a, eye), seen(b, eye)))[0] >= FAR


@pytest.mark.parametrize("colours", [BARS, WORDS], ids=["models", "sources"])
def test_they_differ_in_grey_too(colours):
    assert (
        closest(colours, lambda a, b: abs(seen(a, "all cones")[0] - seen(b, "all cones")[0]))[0]
        >= FAR_IN_GREY
    )


def test_colour_is_never_the_only_sign():
    # the larger the model, the thicker its bar
    assert len({thick for _, thick in MODELS.values()}) == len(MODELS)
    failed = timeline(traced(nested))
    assert "stroke-dasharray" in failed.svg and "✗" in failed.svg and "✗" in failed.text
    results = [str(Result("a", passed, "case", "1", "2")) for passed in (True, False, None)]
    assert [
        mark in result for mark, result in zip(["✓", "✗", "not tried"], results, strict=True)
    ] == [True] * 3


def inherited(element, name, given=None):
    """(element, value of the attribute, its own or that of the nearest element around it) of each
    element.
    """
    value = element.get(name, given)
    yield element, value
    for child in element:
        yield from inherited(child, name, value)


PICTURES = {
    "nested": lambda: timeline(traced(nested)),
    "many": lambda: timeline(traced(many, 70)),
    "three": lambda: timeline(traced(three)),
    "flow": lambda: flow(told(orchestrated, 4, "worker {}", 3)),
    "context": lambda: context(told(orchestrated, 4, "worker {}", 3)),
    "sources": lambda: context(told(pipeline)),
}
each_picture = pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)


@each_picture
def test_text_can_be_read_and_shapes_be_seen_on_their_paper(picture):
    root = ElementTree.fromstring(picture().svg)
    inks = {ink for element, ink in inherited(root, "fill") if element.tag == f"{SVG}text"}
    assert (
        inks
        and min(contrast(ink, ground) for ink in inks for ground in (palette.PAPER, palette.BOX))
        >= 4.5
    )
    edges = {edge for element, edge in inherited(root, "stroke") if element.tag == f"{SVG}rect"}
    edges |= {path.get("stroke") for path in root.iter(f"{SVG}path")} - {
        None,
        palette.GRID,
        palette.PAPER,
    }
    edges -= {palette.CARD_EDGE}
    assert edges and min(contrast(edge, palette.PAPER) for edge in edges) >= 3


def test_dark_words_can_be_read_on_every_source_and_failures_on_theirs():
    assert min(contrast(palette.INK_ON_COLOUR, fill) for fill in WORDS) >= 4.5
    assert (
        min(
            contrast(ink, palette.FAILED_PAPER)
            for ink in (palette.INK, palette.FAINT_INK, palette.FAILED_INK)
        )
        >= 4.5
    )
    assert contrast(palette.FAILED, palette.FAILED_PAPER) >= 3  # the stripes


def test_all_of_it_can_be_read_on_dark_paper_too():
    dark = palette.DARK
    grounds = [dark[palette.PAPER], dark[palette.BOX]]
    inks = [dark[ink] for ink in (palette.INK, palette.FAINT_INK, palette.FAILED_INK)]
    assert min(contrast(ink, ground) for ink in inks for ground in grounds) >= 4.5
    assert contrast(dark[palette.INK], dark[palette.FAILED_PAPER]) >= 4.5
    assert contrast(dark[palette.FAILED_INK], dark[palette.FAILED_PAPER]) >= 4.5
    edges = [dark[edge] for edge in (palette.FAINT_INK, palette.LINE, palette.FAILED)]
    assert min(contrast(edge, ground) for edge in edges for ground in grounds) >= 3
    assert {palette.INK_ON_COLOUR, *BARS, *WORDS}.isdisjoint(dark)  # these stay as they are


def test_models_and_words_have_no_colour_in_common():
    """In pictures below each other, a colour that has been learned means the same."""
    for eye in EYES:
        for bar in (fill for fill, _ in MODELS.values()):
            assert min(math.dist(seen(bar, eye), seen(word, eye)) for word in WORDS) >= FAR


def test_what_has_no_paper_is_seen_on_the_page_of_both_themes():
    lines = [palette.RULE, palette.PASSED, palette.WRONG, palette.UNTRIED, palette.NOTED]
    assert min(contrast(line, page) for line in lines for page in (LIGHT, DARK)) >= 3
    shown = cost_table(traced(three)).html + Result("a", False)._repr_mimebundle_()["text/html"]
    assert set(re.findall(r"#[0-9a-f]{6}", shown)) <= {*lines}
    assert not re.search(r"[^-]color:|background", shown)  # the text is in the ink of the theme


def test_all_colours_stand_in_the_palette(home):
    """A colour written down elsewhere would not be measured here."""
    for path in sorted((home / "mas_helpers").rglob("*.py")):
        if path.name not in ("palette.py", "notices.py"):  # which has the colour of its notes
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not re.search(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?\b", node.value), (
                        f"{path.name}: {node.value}"
                    )


@each_picture
def test_a_picture_has_words_and_keeps_its_room(picture):
    shown = picture()
    wide, narrow = re.findall(r"<img [^>]*>", shown.html.partition("<details>")[0])
    width, height = shown.size
    assert f'width="{width}" height="{height}"' in wide
    assert all("max-width:100%;height:auto" in image for image in (wide, narrow))
    heading = shown.text.splitlines()[0].split(" · ◀")[0]
    assert f'alt="{heading}; ' in wide and len(shown.text.splitlines()) > 1
    assert 'alt=""' in narrow  # a screen reader would read it twice


def test_what_is_too_wide_scrolls_in_its_own_box():
    wide = table([["word " * 9] * 9], ["heading"] * 9)
    assert wide.html.startswith('<div style="overflow-x:auto"><table') and wide.html.endswith(
        "</table></div>"
    )
    assert (
        "overflow-wrap:anywhere"
        in Result("a", False, "b", "c" * 500)._repr_mimebundle_()["text/html"]
    )


def test_pictures_tables_and_text_round_alike():
    t = traced(nested)
    in_svg = re.findall(
        r"(\d[\d.]*) s",
        re.sub(r'<g class="seconds".*?</g>', "", timeline(t).svg.split("</desc>")[1]),
    )
    in_text = re.findall(r"(\d[\d.]*) s\b", timeline(t).text)
    assert sorted(in_svg) == sorted(in_text)
    assert set(re.findall(r"\d\.\d\b(?= )", cost_table(t).text)) <= {*in_text, "5.5"}
