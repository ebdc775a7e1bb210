"""A reply as a picture: blocks as wide as their tokens, why it stopped, what it cost."""

import xml.etree.ElementTree as ElementTree

import pytest

from mas_helpers import HAIKU, cost_usd, fake_client, run
from mas_helpers.pictures import blocks, dollars
from mas_helpers.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
THINKING = {"type": "thinking", "thinking": "", "signature": "s"}
TOOL = {"type": "tool_use", "id": "t", "name": "calculate", "input": {"expression": "1 + 1"}}


def text(words):
    return {"type": "text", "text": words}


def reply(*content, tokens=100, thinking=None, **fields):
    usage = {"input_tokens": 10, "output_tokens": tokens}
    if thinking is not None:
        usage["output_tokens_details"] = {"thinking_tokens": thinking}
    client = fake_client(lambda body: {"content": [*content], "usage": usage, **fields})
    messages = [{"role": "user", "content": "a"}]
    asked = client.messages.create(model=HAIKU, max_tokens=1000, messages=messages)
    return run(asked, clock="virtual")


def bars(picture):
    """The widths of the blocks in the bars, without the swatches beside the words."""
    root = ElementTree.fromstring(picture.svg)
    found = [shape for shape in root.iter(f"{SVG}rect") if shape.get("class") == "block"]
    return [float(shape.get("width")) for shape in found if shape.get("height") == "22"]


def lines(picture):
    return [one.text for one in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def test_blocks_are_as_wide_as_their_tokens():
    drawn = blocks(reply(THINKING, text("Warm bread."), tokens=100, thinking=75))
    thinking, words = bars(drawn)
    assert thinking == pytest.approx(3 * words, abs=0.2)
    assert "thinking · 75 tokens" in lines(drawn)
    assert 'text · 25 tokens · "Warm bread."' in lines(drawn)
    assert f"thinking  {'─' * 30}{'·' * 10}  75 tokens" in drawn.text
    assert f"text      {'·' * 30}{'█' * 10}  25 tokens" in drawn.text


def test_the_tokens_of_several_texts_are_shared_out_and_none_is_lost():
    drawn = blocks(reply(text("a" * 30), text("b" * 20), TOOL, tokens=101))
    notes = [line.split(" · ") for line in lines(drawn) if line.startswith(("text", "tool_use"))]
    counts = [int(note[1].split()[0]) for note in notes]
    assert len(counts) == 3 and sum(counts) == 101 and counts[0] > counts[1]
    assert any("calculate({'expression': '1 + 1'})" in line for line in lines(drawn))


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (reply(text("Warm")), ""),
        (reply(text("Warm"), stop_reason="max_tokens"), "✗ cut at max_tokens"),
        (reply(THINKING, stop_reason="max_tokens"), "✗ cut at max_tokens"),
        (reply(stop_reason="refusal"), "✗ refused"),
        (reply(THINKING), "✗ empty"),
        (reply(TOOL, stop_reason="tool_use"), ""),
    ],
)
def test_it_says_why_it_stopped_what_is_wrong_and_what_it_cost(message, problem):
    drawn = blocks(message)
    title, note, *_ = lines(drawn)
    assert title == f"stop_reason {message.stop_reason}"
    assert note.startswith(problem) and ("✗" in note) == bool(problem)
    assert note.endswith(f"100 output tokens · {dollars(cost_usd(message))}")
    assert drawn.text.startswith(f"{title} · {note}")


def test_thinking_that_was_not_counted_is_not_called_none():
    assert "thinking · tokens not told" in lines(blocks(reply(THINKING, text("Warm"))))
    assert "thinking · 100 tokens" in lines(blocks(reply(THINKING)))


def test_several_replies_have_one_scale_and_their_titles():
    short, long = reply(text("a"), tokens=20), reply(text("b"), tokens=80)
    drawn = blocks(short, long, titles=["short", "long"])
    assert bars(drawn)[1] == pytest.approx(4 * bars(drawn)[0], abs=0.2)
    assert "short · stop_reason end_turn" in lines(drawn)
    with pytest.raises(ValueError, match="1 titles for 2 replies"):
        blocks(short, long, titles=["short"])
    with pytest.raises(ValueError, match="nothing to draw"):
        blocks()


def test_a_model_without_a_price_has_none_and_long_words_stay_inside():
    message = reply(text("word " * 80), tokens=30)
    message.model = "qwen3"
    drawn = blocks(message, titles=["a title that is much too long for the picture" * 3])
    assert "$" not in drawn.text
    assert all(text_width(line) * 12 / 13 <= drawn.size[0] for line in lines(drawn))
