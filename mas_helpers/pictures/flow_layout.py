"""The boxes and arrows of a flow: a call each, the words handed on, and where all of it stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import inf

from ..bench.tracing.call import Call, has_failed
from .provenance import YOU, word_sources
from .tables import name_of
from .text import cut, seconds_text, short_model, words_text

GAP, LEAST = 52, 116  # pixels between columns and of a box, at least: that fits "orchestrator"
# beyond that nobody can follow a line: the rest is folded into one box
MOST_BOXES, MOST_COLUMNS = (14, 6)


@dataclass(eq=False)
class Box:
    """One call, or several of one agent at the same depth; "you" and "answer" have none. x is left,
    y the middle.
    """

    name: str
    column: int
    calls: list[Call] = field(default_factory=list)
    number: str = ""
    heard_from: list[Arrow] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def title(self) -> str:
        return self.name + self.number

    @property
    def error(self) -> str:
        errors = [cut(call.error) for call in self.calls if has_failed(call)]
        return (
            f"{len(errors):,} of {len(self.calls):,} failed"
            if errors and len(self.calls) > 1
            else "".join(errors)
        )

    @property
    def model(self) -> str:
        models = {short_model(call) for call in self.calls}
        return models.pop() if len(models) == 1 else f"{len(models)} models"

    @property
    def seconds(self) -> str:
        least, most = (seconds_text(end(call.seconds for call in self.calls)) for end in (min, max))
        return f"{least} s" if least == most else f"{least}–{most} s"


@dataclass(eq=False)
class Arrow:
    """Words on their way.

    `lanes` is how high it passes each column between its boxes, `points` all that it passes.
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
        return f"{self.source.title} → {self.target.title} ({words_text(self.words)})"


def build_graph(calls: list[Call]) -> tuple[list[Box], list[Arrow]]:
    """The boxes: "you", one for each call, "answer"; and the arrows between them, by who hears,
    then by who speaks.
    """
    sources = word_sources(calls)
    depths: list[int] = []
    for told in sources:
        depths.append(1 + max((depths[i] for i in told if i != YOU), default=0))
    box_of = _boxes(calls, [min(depth, MOST_COLUMNS + 1) for depth in depths])
    you, answer = Box("you", 0), Box("answer", max(box.column for box in box_of) + 1)
    words: Counter[tuple[Box, Box]] = Counter()
    for told, box in zip(sources, box_of, strict=True):
        for i, count in told.items():
            words[you if i == YOU else box_of[i], box] += count
    unheard = set(range(len(calls))) - {i for told in sources for i in told}
    for i in sorted(unheard):
        words[box_of[i], answer] += len(calls[i].answer.split())
    boxes = [you, *dict.fromkeys(box_of), answer]
    place = {box: number for number, box in enumerate(boxes)}
    ordered = sorted(words, key=lambda pair: (place[pair[1]], place[pair[0]]))
    arrows = [
        Arrow(*pair, words[pair]) for pair in ordered if words[pair] and pair[0] is not pair[1]
    ]
    for arrow in arrows:
        arrow.target.heard_from.append(arrow)
    return boxes, arrows


def _boxes(calls: list[Call], depths: list[int]) -> list[Box]:
    """The box of each call: of its own, or with its agent's others at the same depth where a column
    is crowded.
    """
    crowd, groups = Counter(depths), defaultdict(set)
    for call, depth in zip(calls, depths, strict=True):
        groups[depth].add(name_of(call))
    found: dict[tuple[int, object], Box] = {}
    box_of = []
    for i, (call, depth) in enumerate(zip(calls, depths, strict=True)):
        key: object = name_of(call) if crowd[depth] > 6 else i
        full = (
            sum(column == depth for column, _ in found) >= MOST_BOXES - 1
            and len(groups[depth]) > MOST_BOXES
        )
        if depth > MOST_COLUMNS or (full and (depth, key) not in found):
            key = "more"
        box = found.setdefault((depth, key), Box(name_of(call), depth))
        box.calls.append(call)
        box_of.append(box)
    for (_, key), box in found.items():
        many = f"{len(box.calls):,}"
        box.name, box.number = (
            (f"{many} more", "") if key == "more" else (box.name, f" ×{many}" * (many != "1"))
        )
    alike = Counter(box.name + box.number for box in found.values())
    seen: Counter[str] = Counter()
    for box in found.values():
        name = box.name + box.number
        seen[name] += 1
        box.number += f" #{seen[name]}" if alike[name] > 1 else ""
    return box_of


def lay_out(boxes: list[Box], arrows: list[Arrow], width: int) -> tuple[int, float]:
    """Sets where each box stands and each arrow passes; the width and the bottom of the whole."""
    count = boxes[-1].column - 1
    width = max(width, 128 + GAP * (count + 1) + LEAST * count)
    wide = max(LEAST, min(170.0, (width - 128 - GAP * (count + 1)) / count))
    step = (width - 128 + wide) / (count + 1)  # from one column to the next
    left = {column: 56 + column * step - wide for column in range(1, count + 2)} | {0: 16}
    right = {column: x + (wide if 0 < column <= count else 40) for column, x in left.items()}
    for box in boxes:
        box.x, box.width = left[box.column], wide if box.calls else 56 if box.column else 40
        least = 30 if not box.calls else 42 if wide >= 150 else 58
        box.height = max(least, 15 * len(box.heard_from) + 4)
    for column in left:
        _stack(column, [box for box in boxes if box.column == column], arrows)
    down = 64 - min(box.y - box.height / 2 for box in boxes)
    down = max([down, *(72 - y for arrow in arrows for y in arrow.lanes.values())])
    for box in boxes:
        box.y += down
    for arrow in arrows:
        arrow.lanes = {column: y + down for column, y in arrow.lanes.items()}
    for arrow in arrows:
        lanes = [
            (x, y)
            for column, y in sorted(arrow.lanes.items())
            for x in (left[column], right[column])
        ]
        start = arrow.source.x + arrow.source.width, arrow.source.y
        arrow.points = [start, *lanes, (arrow.target.x, _port(arrow))]
    lowest = [box.y + box.height / 2 for box in boxes] + [
        y for arrow in arrows for _, y in arrow.points
    ]
    return width, max(lowest)


def _stack(column: int, boxes: list[Box], arrows: list[Arrow]) -> None:
    """Heights in one column: what hears the same stands together, your own words pass below, the
    others' above.
    """
    items: list[tuple[tuple[float, ...], Box | list[Arrow]]] = []
    for number, box in enumerate(boxes):
        before = [
            arrow.height_at(column - 1) for arrow in box.heard_from if arrow.source.calls
        ] or [0.0]
        items.append(((sum(before) / len(before), 1, number), box))
    # what one box says goes along one line, as far as it can
    passing: defaultdict[Box, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        if arrow.source.column < column < arrow.target.column:
            passing[arrow.source].append(arrow)
    for number, (source, line) in enumerate(passing.items()):
        items.append(((line[0].height_at(column - 1) if source.calls else inf, 0, number), line))
    y, borders = 0.0, []
    for _, item in sorted(items, key=lambda item: item[0]):
        if isinstance(item, Box):
            borders += [y, y + item.height]
            item.y = y + item.height / 2
            y += item.height + 12
        for arrow in item if isinstance(item, list) else []:
            arrow.lanes[column] = y + 4
        y += 18 * isinstance(item, list)
    middle = (borders[0] + borders[-1]) / 2
    for _, item in items:
        if isinstance(item, Box):
            item.y -= middle
        for arrow in item if isinstance(item, list) else []:
            arrow.lanes[column] -= middle


def _port(arrow: Arrow) -> float:
    """Where the arrow enters its box: in the order in which the arrows come."""
    box = arrow.target
    ordered = sorted(box.heard_from, key=lambda other: other.height_at(box.column - 1))
    return box.y + 15 * (ordered.index(arrow) - (len(ordered) - 1) / 2)
