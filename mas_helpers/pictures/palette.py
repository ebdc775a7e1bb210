"""Every colour of pictures, tables, notes and check results, and what it means; a shape, mark or
word says it too.

The hues are those of Okabe and Ito, which people with any colour vision can tell apart
(jfly.uni-koeln.de/color), made lighter or darker until they differ in grey as well.
tests/test_look.py measures it.
"""

from ..bench.notices import NOTED as NOTED

# Pictures stand on paper of their own, in the light theme and in the dark one.
PAPER, INK, FAINT_INK = "#f8fafc", "#1b2330", "#4d5866"
LINE = "#808b99"  # an agent at work, the edge of a box
GRID = "#dde3ea"  # the seconds or words of an axis
CARD_EDGE = "#d0d7de"  # where the paper ends

# A call that failed; stripes, ✗ and the error's name say it too.
FAILED, FAILED_INK, FAILED_PAPER = "#d55e00", "#9a3c00", "#fce4d2"

# A call that waits for its answer: the larger the model, the thicker the bar (in pixels).
MODELS = {"haiku": ("#8fcdf0", 9), "sonnet": ("#009e73", 12), "opus": ("#7d3b6c", 16)}
OTHER_MODEL = ("#eef1f5", 12)

# The boxes of a flow: a call's; "you" and "answer" have the colour of your words.
BOX = "#ffffff"

# Whose words a call was given to read: their names stand on the colour or beside it.
YOURS = "#d3d9e1"
SOURCES = ["#93cff2", "#eba817", "#009e73", "#f7ef7a", "#d58cb6"]

# What has no paper of its own: seen on the page of the theme, beside ✓, ✗ or words in its ink.
RULE = "#888888"
PASSED, WRONG, UNTRIED = "#009e73", "#d55e00", "#767f8c"
