"""Every colour of pictures, tables, notes and check results, and what it means; a shape, mark or
word says it too.

The hues are those of Okabe and Ito, which people with any colour vision can tell apart
(jfly.uni-koeln.de/color), made lighter or darker until they differ in grey as well.
tests/test_look.py measures it.
"""

from ..bench.notices import NOTED as NOTED

# Pictures stand on paper of their own, in the light theme and in the dark one.
PAPER, INK, FAINT_INK = "#f8fafc", "#1b2330", "#4d5866"
INK_ON_COLOUR = "#1b2331"  # stays dark on the colours of words, also on dark paper
LINE = "#808b99"  # an agent at work, the edge of a box
GRID = "#dde3ea"  # the seconds or words of an axis
CARD_EDGE = "#d0d7de"  # where the paper ends

# A call that failed; stripes, ✗ and the error's name say it too.
FAILED, FAILED_INK, FAILED_PAPER = "#d55e00", "#9a3c00", "#fce4d2"

# What replaces them where the page is dark: the colours of models and words stay as they are.
DARK = {
    PAPER: "#161b22",
    INK: "#e6edf3",
    FAINT_INK: "#a3afbc",
    LINE: "#7d8794",
    GRID: "#2b333d",
    CARD_EDGE: "#3a434e",
    FAILED: "#f08a3c",
    FAILED_INK: "#ffb07a",
    FAILED_PAPER: "#46240f",
}

# A call that waits for its answer: the larger the model, the thicker the bar (in pixels).
MODELS = {"haiku": ("#8fcdf0", 9), "sonnet": ("#009e73", 12), "opus": ("#7d3b6c", 16)}
OTHER_MODEL = ("#eef1f5", 12)

# The boxes of a flow: a call's; "you" and "answer" have the colour of your words.
BOX = "#ffffff"
DARK[BOX] = "#0f141a"

# Whose words a call was given to read: their names stand on the colour or beside it. Models have
# blue, green and purple, so words have none of these.
YOURS = "#d3d9e1"
SOURCES = ["#ddc640", "#c270a0", "#b0b87a", "#c29747", "#f5eea3"]

# How much of something, from none to all: the cells of a heat map, the bars of a chart. Grey, for
# each hue means a model or whose words.
HEAT = ["#f8fafd", "#e2e7ed", "#c5cdd7", "#a4afbd", "#8d99a9"]

# What has no paper of its own: seen on the page of the theme, beside ✓, ✗ or words in its ink.
RULE = "#888888"
PASSED, WRONG, UNTRIED = "#009e73", "#d55e00", "#767f8c"
