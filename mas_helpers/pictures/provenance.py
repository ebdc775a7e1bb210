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
    """For each call, how many words of its prompt came from which call, such as `{YOU: 40, 0: 45}`.

    A call heard an earlier one if that one had ended when it began, and its answer is in the
    prompt, whatever the white space; for an answer in JSON, and for what it wrote to a tool, one of
    the texts in it is enough, unless the call was told that text itself. Each word counts once: if
    two answers contain it, for the longer one; of equal ones, for the first with a free place. The
    rest is yours.
    """
    texts = [_recognizable_texts(call) for call in calls]
    sources = []
    for j, call in enumerate(calls):
        prompt = _without_spaces(call.prompt)
        earlier = [i for i in range(j) if calls[i].end <= call.start + TOLERANCE]
        candidates = [(text, i) for i in earlier for text in texts[i] if text in prompt]
        longest_first = sorted(candidates, key=lambda candidate: (-len(candidate[0]), candidate[1]))
        sources.append(_count_words(call.prompt, longest_first))
    return sources


def _recognizable_texts(call: Call) -> list[str]:
    """The answer, and the texts in it if that is JSON, and in the arguments of tools; long enough
    to know again, without their white space.
    """
    prompt = _without_spaces(call.prompt)
    in_json = [call.answer, *call.tool_arguments.splitlines()]
    told = [text for told_in in in_json for text in _texts_in_json(told_in)]
    own = [text for text in told if _without_spaces(text) not in prompt]
    long = [t for t in [call.answer, *own] if len(" ".join(t.split())) >= LEAST_CHARACTERS]
    return list(dict.fromkeys(map(_without_spaces, long)))


def _texts_in_json(answer: str) -> list[str]:
    """Every text that is a value in it, `[]` where the answer is not JSON."""
    texts: list[str] = []
    try:
        values = [json.loads(answer)]
    except (ValueError, RecursionError):
        return []
    while values:
        value = values.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, list):
            values += value
        elif isinstance(value, dict):
            values += value.values()
    return texts


def _without_spaces(text: str) -> str:
    return "".join(text.split())


def _count_words(prompt: str, candidates: list[tuple[str, int]]) -> dict[int, int]:
    """The words of the prompt by source; the candidates, without white space, in the order in which
    they take their places.
    """
    words = prompt.split()
    bare = "".join(words)
    taken, places = bytearray(len(bare)), []
    for again in (False, True):  # first a place for each, then the places that are left
        for text, source in candidates:
            begin = bare.find(text)
            while begin >= 0:
                end = begin + len(text)
                if taken.find(1, begin, end) < 0:
                    taken[begin:end] = b"\1" * len(text)
                    places.append((source, begin, end))
                    if not again:
                        break
                begin = bare.find(text, begin + 1)
    # `<draft>The` is a tag and a word of the answer
    borders = {border for _, *ends in places for border in ends}
    starts = sorted(({0, *accumulate(map(len, words))} | borders) - {len(bare)})
    counts: dict[int, int] = defaultdict(int)
    for source, begin, end in sorted(places):
        counts[source] += bisect_left(starts, end) - bisect_left(starts, begin)
    yours = len(starts) - sum(counts.values())
    return ({YOU: yours} if yours else {}) | counts
