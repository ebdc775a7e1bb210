"""The boxes and arrows of a flow: a box for each call, an arrow for the words handed on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

from ..bench.tracing.call import Call
from .outcomes import failure, outcome
from .provenance import YOU, word_sources
from .text import call_name, count_text, model_name, seconds_text

# Beyond that nobody can follow a line: the rest is folded into one box.
MOST_BOXES, MOST_COLUMNS = 14, 6
CROWD = 6  # calls in a column; where there are more, the calls of one agent share a box


@dataclass(eq=False)
class Box:
    """One call, or several of one agent at the same depth; "you" and "answer" have none.

    `number` tells it from others of its name, `incoming` are the arrows that end here. In pixels:
    x is its left, y its middle.
    """

    name: str
    column: int
    calls: list[Call] = field(default_factory=list)
    number: str = ""
    incoming: list[Arrow] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    gutter: int = 0

    @property
    def title(self) -> str:
        return self.name + self.number

    @property
    def error(self) -> str:
        """What went wrong, `""` if nothing did: `"529"`, `"2 of 5 failed"`, `"cancelled"`."""
        errors = list(filter(None, map(failure, self.calls)))
        if errors and len(self.calls) > 1:
            return f"{len(errors):,} of {len(self.calls):,} failed"
        if errors:
            return errors[0]
        return "cancelled" if any(outcome(call) == "cancelled" for call in self.calls) else ""

    @property
    def has_failed(self) -> bool:
        return any(map(failure, self.calls))

    @property
    def model(self) -> str:
        models = {model_name(call) for call in self.calls}
        return models.pop() if len(models) == 1 else count_text(len(models), "model")

    @property
    def seconds(self) -> str:
        """`"2.0 s"`, of several calls `"1.0–4.0 s"`."""
        seconds = [call.seconds for call in self.calls]
        least, most = seconds_text(min(seconds)), seconds_text(max(seconds))
        return f"{least} s" if least == most else f"{least}–{most} s"


@dataclass(eq=False)
class Arrow:
    """Words on their way from one box to another.

    In pixels: `lanes` is how high it passes each column between its boxes, `points` all that it
    passes.
    """

    source: Box
    target: Box
    words: int
    lanes: dict[int, float] = field(default_factory=dict)
    points: list[tuple[float, float]] = field(default_factory=list)

    def height_at(self, column: int) -> float:
        ends = {self.source.column: self.source.y, self.target.column: self.target.y}
        return ends[column] if column in ends else self.lanes[column]

    def __str__(self) -> str:
        return f"{self.source.title} → {self.target.title} ({count_text(self.words, 'word')})"


def build_graph(calls: list[Call]) -> tuple[list[Box], list[Arrow]]:
    """The boxes: "you", one for each call, "answer"; and the arrows between them, by who hears,
    then by who speaks.
    """
    sources = word_sources(calls)
    box_of = _assign_boxes(calls, _columns(sources))
    you, answer = Box("you", 0), Box("answer", max(box.column for box in box_of) + 1)
    boxes = [you, *dict.fromkeys(box_of), answer]
    words: Counter[tuple[Box, Box]] = Counter()
    for heard, box in zip(sources, box_of, strict=True):
        for source, count in heard.items():
            words[you if source == YOU else box_of[source], box] += count
    unheard = set(range(len(calls))) - {source for heard in sources for source in heard}
    for i in sorted(unheard):
        words[box_of[i], answer] += len(calls[i].answer.split())
    return boxes, _connect(boxes, words)


def _columns(sources: list[dict[int, int]]) -> list[int]:
    """The column of each call: right of all that it heard, up to the last one."""
    depths: list[int] = []
    for heard in sources:
        depths.append(1 + max((depths[source] for source in heard if source != YOU), default=0))
    return [min(depth, MOST_COLUMNS + 1) for depth in depths]


def _connect(boxes: list[Box], words: Counter[tuple[Box, Box]]) -> list[Arrow]:
    """An arrow for each two boxes with words between them; the boxes learn what comes in."""
    place = {box: number for number, box in enumerate(boxes)}
    arrows = []
    for source, target in sorted(words, key=lambda ends: (place[ends[1]], place[ends[0]])):
        if words[source, target] and source is not target:
            arrow = Arrow(source, target, words[source, target])
            target.incoming.append(arrow)
            arrows.append(arrow)
    return arrows


def _assign_boxes(calls: list[Call], columns: list[int]) -> list[Box]:
    """The box of each call: of its own, or with its agent's others where a column is crowded, or
    with all that is too much.
    """
    call_counts = Counter(columns)
    agents: defaultdict[int, set[str]] = defaultdict(set)
    for call, column in zip(calls, columns, strict=True):
        agents[column].add(call_name(call))
    boxes: dict[tuple[int, Hashable], Box] = {}
    box_of = []
    for i, (call, column) in enumerate(zip(calls, columns, strict=True)):
        key: Hashable = call_name(call) if call_counts[column] > CROWD else i
        box_count = sum(other == column for other, _ in boxes)
        is_full = len(agents[column]) > MOST_BOXES and box_count >= MOST_BOXES - 1
        if column > MOST_COLUMNS or (is_full and (column, key) not in boxes):
            key = None
        box = boxes.setdefault((column, key), Box(call_name(call), column))
        box.calls.append(call)
        box_of.append(box)
    for (_, key), box in boxes.items():
        if key is None:
            box.name = f"{len(box.calls):,} more"
        elif len(box.calls) > 1:
            box.number = f" ×{len(box.calls):,}"
    _number_alike(list(boxes.values()))
    return box_of


def _number_alike(boxes: list[Box]) -> None:
    """Boxes of one title get numbers: "writer #1", "writer #2"."""
    alike = Counter(box.title for box in boxes)
    seen: Counter[str] = Counter()
    for box in boxes:
        title = box.title
        seen[title] += 1
        if alike[title] > 1:
            box.number += f" #{seen[title]}"
