"""The pool's notice of lesson 20, which is invented: what hangs on the door, what a writer makes of
it, and a function that plays the writer.
"""

BEFORE = """From June we open at six on weekdays.
An early visit pays 4.
The showers are warm from seven.
Children swim with an adult."""

WISH = "Say that we open at six on Saturdays, too."
SOURCES = ("comments: 3 of 11 ask for Saturdays", "table: 480 early visits in June")
LETTERS, POSTAGE = 1200, 0.95  # season-ticket holders, and what a letter to one costs in dollars

# It says what it was asked to say. And it tidied up.
DRAFT = """From June we open at six on weekdays and Saturdays.
An early visit pays 5.
The showers are warm from seven."""


def play_writer(body):
    """The draft, after 4 seconds."""
    return {"content": [{"type": "text", "text": DRAFT}], "seconds": 4.0}
