"""What a trace looks like, in a notebook and in a terminal; the same bytes every time.

A timeline: timelines, timeline_rows (which rows, and what they say), timeline_axis (where they
stand), animation. A flow: flows, flow_graph (its boxes and arrows), flow_layout (where they stand).
What each call was given to read: contexts. Who heard whom, for both: provenance. Many runs: charts.
What a reply is made of: replies; what a model answered: cards; a brief whose numbers open their
sources: citations. Tables: tables. Several beside one another: rows.

How a call ended: outcomes. palette has every colour; svg the bars, the legend and the card around a
picture; text how seconds, dollars, counts and names are written.
"""

from .cards import Card, card
from .charts import bar_chart, heat_map, histogram, stacked_bar
from .citations import brief_card
from .contexts import context
from .flows import flow
from .replies import blocks
from .rows import side_by_side
from .svg import Picture
from .tables import Table, cost_table, table, tool_table
from .text import dollars
from .timelines import timeline

__all__ = [
    "Card",
    "Picture",
    "Table",
    "bar_chart",
    "blocks",
    "brief_card",
    "card",
    "context",
    "cost_table",
    "dollars",
    "flow",
    "heat_map",
    "histogram",
    "side_by_side",
    "stacked_bar",
    "table",
    "timeline",
    "tool_table",
]
