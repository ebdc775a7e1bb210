"""Who heard whom: how many words of each prompt are another call's answer."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate

from ..bench.tracing.call import Call
from ..bench.tracing.critical_path import TOLERANCE

YOU = -1  # the source of words that no earlier call said
LEAST_CHARACTERS = 15  # a shorter answer, "yes" or "billing", is in a prompt by chance


def word_sources(calls: Sequence[Call]) -> list[dict[int, int]]:
    """For each call, how many words of its prompt came from which call, as in `{YOU: 40, 0: 45}`.

    A call heard an earlier one if that one had ended when it began, and its answer is in the
    prompt, however the white space differs; of an answer in JSON, one of the texts in it is enough,
    unless it was told that text itself. Each word counts once: of two answers that hold it, for the
    longer one, of equal ones for the first with a free place. What remains is yours.
    """
    said = [_sayings(call) for call in calls]
    found = []
    for j, call in enumerate(calls):
        bare = "".join(call.prompt.split())
        before = [i for i in range(j) if calls[i].end <= call.start + TOLERANCE]
        candidates = [(text, i) for i in before for text in said[i] if text in bare]
        found.append(_sources(call.prompt, sorted(candidates, key=lambda c: (-len(c[0]), c[1]))))
    return found


def _sayings(call: Call) -> list[str]:
    """The answer, and if that is JSON, the texts in it; long enough to know again, without their
    white space.
    """
    texts, told = [call.answer], "".join(call.prompt.split())
    try:
        inside = [json.loads(call.answer)]
    except (ValueError, RecursionError):
        inside = []
    while inside:
        value = inside.pop()
        inside += (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        )
        texts += [value] if isinstance(value, str) and "".join(value.split()) not in told else []
    return list(
        dict.fromkeys(
            "".join(t.split()) for t in texts if len(" ".join(t.split())) >= LEAST_CHARACTERS
        )
    )


def _sources(prompt: str, candidates: list[tuple[str, int]]) -> dict[int, int]:
    words = prompt.split()
    bare = "".join(words)
    taken, places = bytearray(len(bare)), []
    for again in (False, True):  # first a place for each, then the places that are left
        for text, i in candidates:
            at = bare.find(text)
            while at >= 0:
                end = at + len(text)
                if taken.find(1, at, end) < 0:
                    taken[at:end] = b"\1" * len(text)
                    places.append((i, at, end))
                    if not again:
                        break
                at = bare.find(text, at + 1)
    # `<draft>The` is a tag and a word of the answer
    borders = {border for _, *place in places for border in place}
    starts = sorted(({0, *accumulate(map(len, words))} | borders) - {len(bare)})
    counts: dict[int, int] = defaultdict(int)
    for i, at, end in sorted(places):
        counts[i] += bisect_left(starts, end) - bisect_left(starts, at)
    yours = len(starts) - sum(counts.values())
    return ({YOU: yours} if yours else {}) | counts
