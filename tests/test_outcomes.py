"""What a reader sees at a glance: how calls ended, which row is whose, and runs on one axis."""

import asyncio
import re
import xml.etree.ElementTree as ElementTree

import pytest

from mas_helpers import HAIKU, Agent, fake_client, run, timeline, trace
from mas_helpers.pictures.outcomes import count_outcomes, failure, outcome

SVG = "{http://www.w3.org/2000/svg}"


def reply(body):
    """What the prompt asks for: `"2 cut"`, `"1 refuse"`, `"1 empty"`, `"1 fail"`, `"4"`."""
    seconds, *kinds = body["messages"][-1]["content"].split()
    kind = kinds[0] if kinds else ""
    if kind == "fail":
        error = {"type": "invalid_request_error", "message": "no"}
        return {"status": 400, "seconds": float(seconds), "type": "error", "error": error}
    texts = [] if kind == "empty" else [{"type": "text", "text": "Half of it."}]
    reasons = {"cut": "max_tokens", "refuse": "refusal"}
    stop = reasons.get(kind, "end_turn")
    return {"content": texts, "seconds": float(seconds), "stop_reason": stop}


client = fake_client(reply)


def ask(prompt, name="worker"):
    return Agent(name, HAIKU, "…", client=client, max_tokens=9).reply(prompt)


def traced(*prompts, name="worker"):
    """The run of these prompts at once; the first error cancels the others."""

    async def main():
        async with asyncio.TaskGroup() as group:
            for prompt in prompts:
                group.create_task(ask(prompt, name))

    with trace() as t:
        try:
            run(main(), clock="virtual")
        except* Exception:
            pass
    return t


def bars(picture):
    """Each call's bar, without those of the legend."""
    root = ElementTree.fromstring(picture.svg)
    for legend in root.findall(f"{SVG}g[@class='legend']"):
        root.remove(legend)
    return [bar for bar in root.iter(f"{SVG}rect") if bar.get("class") == "call"]


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("1 cut", "cut at max_tokens"),
        ("1 refuse", "refused"),
        ("1 empty", "empty"),
        ("1 fail", "invalid_request_error"),
    ],
)
def test_a_reply_that_is_cut_refused_or_empty_failed_as_an_http_error_did(prompt, word):
    t = traced(prompt)
    assert [outcome(call) for call in t.calls] == ["failed"]
    assert word in failure(t.calls[0])
    drawn = timeline(t)
    assert "1 call · 1 failed" in drawn.text and f"✗ {failure(t.calls[0])}" in drawn.text
    assert "▒" in drawn.text and bars(drawn)[0].get("fill") == bars(timeline(traced("1 fail")))[
        0
    ].get("fill")


def test_answered_failed_and_cancelled_have_three_looks_and_a_count_each():
    t = traced("1", "2 fail", "5", "6")
    assert sorted(map(outcome, t.calls)) == ["answered", "cancelled", "cancelled", "failed"]
    assert count_outcomes(t.calls) == "4 calls · 1 failed · 2 cancelled"
    drawn = timeline(t)
    assert "4 calls · 1 failed · 2 cancelled" in drawn.text
    looks = {(bar.get("fill"), bar.get("stroke-dasharray")) for bar in bars(drawn)}
    assert len(looks) == 3
    marks = {mark for mark in "█▒░" if mark in drawn.text}
    assert marks == {"█", "▒", "░"}


def test_two_runs_are_drawn_on_one_axis_so_that_lengths_can_be_compared():
    slow, quick = traced("8"), traced("2")
    both = [float(bar.get("width")) for bar in bars(timeline(slow, quick, titles=["a", "b"]))]
    assert both[0] == pytest.approx(4 * both[1], rel=0.01)
    alone = [float(bars(timeline(t))[0].get("width")) for t in (slow, quick)]
    assert alone[1] > 2 * both[1]  # alone, each takes the whole width
    text = timeline(slow, quick, titles=["a", "b"]).text
    lengths = [line.count("█") for line in text.splitlines() if "█" in line]
    assert lengths[0] == 4 * lengths[1] == 40


def test_rows_of_one_name_say_which():
    drawn = timeline(traced("2 ferries", "3 the dairy", "4 bus lines", name="researcher"))
    labels = re.findall(r"^ *(researcher\S*(?: · .+?)?)  ", drawn.text, re.M)
    assert len(set(labels)) == 3 and all(" · " in label for label in labels)
