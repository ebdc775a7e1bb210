"""Charts of many runs, and cards with answers: what is drawn is what was counted."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from mas_helpers.pictures import bar_chart, card, dollars, heat_map, histogram, stacked_bar
from mas_helpers.pictures.palette import DARK
from mas_helpers.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"


def shapes(picture, kind):
    root = ElementTree.fromstring(picture.svg)
    return [shape for shape in root.iter(f"{SVG}rect") if shape.get("class") == kind]


def texts(picture):
    return [text.text for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_counts():
    drawn = bar_chart({"complete": 120, "gaps named": 60, "never": 0})
    widths = [float(bar.get("width")) for bar in shapes(drawn, "bar")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2) and widths[2] == 0
    assert texts(drawn)[0] == "180 runs" and "120" in texts(drawn)
    assert "gaps named  ████████████████████ " in drawn.text


def test_bars_of_dollars_are_as_long_and_written_as_dollars():
    drawn = bar_chart({"writer": 0.01, "reader": 0.0025}, title="the bill", write=dollars)
    widths = [float(bar.get("width")) for bar in shapes(drawn, "bar")]
    assert widths[0] == pytest.approx(4 * widths[1], abs=0.2)
    assert texts(drawn) == ["the bill", "writer", "$0.010", "reader", "$0.0025"]
    assert drawn.text.splitlines()[1] == f"writer  {'█' * 40}  $0.010"


def test_a_bad_bar_has_the_look_of_a_failed_call():
    drawn = bar_chart({"complete": 2, "AllWorkersFailed": 1}, bad=["AllWorkersFailed"])
    assert drawn.svg.count('stroke-dasharray="4 3"') == 1 and "▒" in drawn.text


def test_the_parts_of_a_stacked_bar_lie_one_behind_the_other_and_fill_it():
    drawn = stacked_bar({"complete": 150, "none": 0, "gaps named": 30, "Lost": 20}, bad=["Lost"])
    bars = [(float(one.get("x")), float(one.get("width"))) for one in shapes(drawn, "bar")]
    parts = [(x, width) for x, width in bars if width != 18]  # 18: those of the legend
    assert [width for _, width in parts] == pytest.approx([381.0, 76.2, 50.8], abs=0.1)
    for (x, width), (following, _) in zip(parts, parts[1:], strict=False):
        assert x + width == pytest.approx(following, abs=0.2)
    assert drawn.text.splitlines()[1] == "█" * 30 + "░" * 6 + "▒" * 4
    assert {"150", "0", "30", "20"} <= {*texts(drawn)} and drawn.text.endswith("Lost: 20")


def test_a_stacked_bar_keeps_its_size_whatever_is_counted():
    few = stacked_bar({"complete": 0})
    names = ["complete", "gaps named", "ReplyRefused", "AllWorkersFailed", "TimeoutError", "x" * 60]
    many = stacked_bar({name: 10**6 for name in names}, bad=names[2:])
    assert few.size == many.size
    for text in ElementTree.fromstring(many.svg).iter(f"{SVG}text"):
        assert float(text.get("x")) + text_width(text.text) <= many.size[0]


def test_each_value_is_counted_in_one_bin_and_none_is_lost():
    values = [0.0, 1.0, 1.9, 2.0, 2.0, 7.5, 48.0]
    drawn = histogram(values, title="all of them")
    counts = [int(line.split()[-1]) for line in drawn.text.splitlines()[1:]]
    assert sum(counts) == len(values)
    assert drawn.text.splitlines()[1].split() == ["0", "to", "2", "s", "█" * 40, "3"]
    heights = [float(bin.get("height")) for bin in shapes(drawn, "bin")]
    assert len(heights) == sum(1 for count in counts if count)
    assert max(heights) == pytest.approx(3 * min(heights), abs=0.2)


@pytest.mark.parametrize("values", [[0.0], [5.0, 5.0], [-3.0, 2.0], [1e-4, 3e-4], [1e6, 2.5e6]])
def test_any_range_can_be_drawn(values):
    drawn = histogram(values)
    assert sum(int(line.split()[-1]) for line in drawn.text.splitlines()[1:]) == len(values)
    assert len(shapes(drawn, "bin")) >= 1


def test_marks_are_named_and_inside_the_picture():
    drawn = histogram([1.0, 2.0, 3.0], marks={"p50": 2.0, "p95": 40.0})
    assert {"p50 2 s", "p95 40 s"} <= {*texts(drawn)}
    root = ElementTree.fromstring(drawn.svg)
    for text in root.iter(f"{SVG}text"):
        style, x = text.get("style", ""), float(text.get("x"))
        share = 1 if "end" in style else 0.5 if "middle" in style else 0
        left = x - share * text_width(text.text)
        assert left >= 0 and left + text_width(text.text) <= drawn.size[0] + 8, text.text


def test_a_heat_map_shades_numbers_and_marks_what_is_bad():
    drawn = heat_map({"a": {"x": 0.0, "y": 1.0}, "b": {"x": "gap", "y": "crash"}}, bad=["crash"])
    fills = [cell.get("fill") for cell in shapes(drawn, "cell")]
    assert len(set(fills)) == 4
    assert "✗ crash" in texts(drawn) and "gap" in texts(drawn)
    assert [line.split() for line in drawn.text.splitlines()] == [
        ["x", "y"],
        ["a", "0.00", "1.00"],
        ["b", "gap", "crash"],
    ]


def test_a_cell_that_is_missing_stays_empty():
    drawn = heat_map({"a": {"x": 0.5}, "b": {"y": 0.5}})
    assert len(shapes(drawn, "cell")) == 2


@pytest.mark.parametrize("draw", [bar_chart, histogram, heat_map])
def test_nothing_to_draw_is_an_error(draw):
    with pytest.raises(ValueError, match="nothing to draw"):
        draw([] if draw is histogram else {})


def test_an_answer_is_shown_with_its_markdown_and_who_said_it():
    shown = card(
        "# Ferries\n\n- one **bold**\n\n```python\nx = 1\n```", "writer", "claude-haiku-5-5"
    )
    assert "<b>writer · haiku-5-5</b>" in shown.html
    assert "<li>one <strong>bold</strong></li>" in shown.html and "<h1>" not in shown.html
    assert "overflow-x:auto" in shown.html
    assert shown.text.startswith("writer · haiku-5-5:\n# Ferries")


def test_no_two_dollar_signs_have_only_text_between_them():
    """JupyterLab would set it as mathematics."""
    shown = card("It costs $3, then $5. `$7` $", "seller of $")
    assert not re.search(r"\$[^<]*\$", shown.html) and shown.html.count("$") == 5


def test_markup_in_an_answer_is_shown_and_not_obeyed():
    assert card("Early visits: 480\nLeft over: 180").html.count("<br") == 1
    assert "<script>" not in card("<script>alert(1)</script>", "<b>").html


def test_a_word_in_a_heat_map_has_colours_for_a_dark_page_too():
    drawn = heat_map({"cut": {"nuts": "there", "dogs": "forgotten"}}, bad=["forgotten"])
    fills = [cell.get("fill") for cell in shapes(drawn, "cell")]
    assert len(set(fills)) == 2 and set(fills) <= set(DARK)
