"""What a trace looks like, in a notebook and in a terminal; the same bytes every time.

timelines (with timeline_axis and animation) · flows (with flow_layout and provenance) · tables ·
svg (bars, legends, the card around a picture) · palette (every colour) · text (how seconds,
dollars, counts and names are written).
"""

from .flows import context, flow
from .svg import Picture
from .tables import Table, cost_table, table
from .text import dollars
from .timelines import timeline

__all__ = [
    "Picture",
    "Table",
    "context",
    "cost_table",
    "dollars",
    "flow",
    "table",
    "timeline",
]
