"""Where the boxes of a flow stand and its arrows pass, in pixels.

Boxes stand in columns, each right of all that it heard. An arrow that passes a column does so in a
lane between its boxes, level, so that it crosses none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import inf

from .flow_graph import Arrow, Box
from .svg import MARGIN, SMALL_SHARE, text_width

GAP = 30  # between two columns, at least
LEAST_WIDTH, MOST_WIDTH = 116, 170.0  # of a call's box; "orchestrator" fits in the least
WIDE = 150  # a box this wide has its model and its seconds in one line, another in two
YOU_WIDTH, ANSWER_WIDTH, END_HEIGHT = 40, 56, 30  # the boxes at both ends
WIDE_HEIGHT, NARROW_HEIGHT = 42, 58  # of a call's box, at least
PORTS = 15  # between two arrows that enter a box
BETWEEN_BOXES, LANE = 12, 18  # from one to the next in a column; the height of a lane
TOP_BOX, TOP_LANE = 64, 72  # the highest that a box begins and an arrow passes: below the heading


@dataclass(frozen=True)
class Columns:
    """The columns of a picture of this width: "you" in column 0, calls in 1 to `count`, then
    "answer". `gutter` is the room that the numbers take at the left in each box.
    """

    count: int
    least_width: int
    gutter: int

    @property
    def width(self) -> int:
        """Of the picture: wider than it should be where so many columns need it."""
        return max(self.least_width, self._around + self._least_box * self.count)

    @property
    def box_width(self) -> float:
        most = MOST_WIDTH + self.gutter
        return max(self._least_box, min(most, (self.width - self._around) / self.count))

    @property
    def _least_box(self) -> int:
        return LEAST_WIDTH + self.gutter

    @property
    def _ends(self) -> int:
        return MARGIN + YOU_WIDTH + ANSWER_WIDTH + self.gutter + MARGIN

    @property
    def _around(self) -> int:
        """All that is not a call's box, where the columns stand as close as they may."""
        return self._ends + GAP * (self.count + 1)

    def left(self, column: int) -> float:
        if column == 0:
            return MARGIN
        step = (self.width - self._ends + self.box_width) / (self.count + 1)
        return MARGIN + YOU_WIDTH + column * step - self.box_width

    def width_of(self, column: int) -> float:
        if 0 < column <= self.count:
            return self.box_width
        return ANSWER_WIDTH + self.gutter if column else YOU_WIDTH


def lay_out(boxes: list[Box], arrows: list[Arrow], least_width: int) -> tuple[int, float]:
    """Sets where each box stands and each arrow passes; the width and the bottom of the whole."""
    numbers = [text_width(f"{arrow.words:,}") for arrow in arrows]
    columns = Columns(boxes[-1].column - 1, least_width, round(max(numbers) * SMALL_SHARE) + 8)
    for box in boxes:
        box.gutter = columns.gutter if box.column else 0
        box.x, box.width = columns.left(box.column), columns.width_of(box.column)
        box.height = max(_least_height(box), PORTS * len(box.incoming) + 4)
    for column in range(columns.count + 2):
        _stack(column, [box for box in boxes if box.column == column], arrows)
    _move_below_the_heading(boxes, arrows)
    for arrow in arrows:
        arrow.points = _points(arrow, columns)
    bottoms = [box.y + box.height / 2 for box in boxes]
    heights = [y for arrow in arrows for _, y in arrow.points]
    return columns.width, max(bottoms + heights)


def _least_height(box: Box) -> int:
    if not box.calls:
        return END_HEIGHT
    return WIDE_HEIGHT if box.width - box.gutter >= WIDE else NARROW_HEIGHT


def _move_below_the_heading(boxes: list[Box], arrows: list[Arrow]) -> None:
    lanes = [y for arrow in arrows for y in arrow.lanes.values()]
    down = TOP_BOX - min(box.y - box.height / 2 for box in boxes)
    down = max([down, *(TOP_LANE - y for y in lanes)])
    for box in boxes:
        box.y += down
    for arrow in arrows:
        arrow.lanes = {column: y + down for column, y in arrow.lanes.items()}


def _points(arrow: Arrow, columns: Columns) -> list[tuple[float, float]]:
    """From one box along the lanes of the columns between to the other."""
    points = [(arrow.source.x + arrow.source.width, arrow.source.y)]
    for column, y in sorted(arrow.lanes.items()):
        left = columns.left(column)
        points += [(left, y), (left + columns.width_of(column), y)]
    return [*points, (arrow.target.x, _port(arrow))]


def _port(arrow: Arrow) -> float:
    """Where the arrow enters its box: in the order in which the arrows come."""
    box = arrow.target
    ordered = sorted(box.incoming, key=lambda other: other.height_at(box.column - 1))
    return box.y + PORTS * (ordered.index(arrow) - (len(ordered) - 1) / 2)


@dataclass(eq=False)
class Lane:
    """Arrows from one box that pass a column along one line, as far as they can."""

    arrows: list[Arrow]


def _stack(column: int, boxes: list[Box], arrows: list[Arrow]) -> None:
    """Sets the heights in one column, from top to bottom; 0 is the middle of its boxes."""
    tops: dict[Box | Lane, float] = {}
    y = 0.0
    for item in _in_order(column, boxes, arrows):
        tops[item] = y
        y += LANE if isinstance(item, Lane) else item.height + BETWEEN_BOXES
    begin = min(tops[box] for box in boxes)
    end = max(tops[box] + box.height for box in boxes)
    middle = (begin + end) / 2
    for item, top in tops.items():
        if isinstance(item, Box):
            item.y = top + item.height / 2 - middle
        else:
            for arrow in item.arrows:
                arrow.lanes[column] = top + 4 - middle


def _in_order(column: int, boxes: list[Box], arrows: list[Arrow]) -> list[Box | Lane]:
    """What stands in a column: what hears the same stands together, your own words pass below, the
    others' above.
    """
    ranks: dict[Box | Lane, tuple[float, int, int]] = {}
    for number, box in enumerate(boxes):
        heights = [arrow.height_at(column - 1) for arrow in box.incoming if arrow.source.calls]
        ranks[box] = (sum(heights) / len(heights) if heights else 0.0, 1, number)
    passing: defaultdict[Box, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        if arrow.source.column < column < arrow.target.column:
            passing[arrow.source].append(arrow)
    for number, (source, line) in enumerate(passing.items()):
        height = line[0].height_at(column - 1) if source.calls else inf
        ranks[Lane(line)] = (height, 0, number)
    return sorted(ranks, key=ranks.__getitem__)
