# right: an empty text for go on
import re

LINES = {str(number) for number in range(1, 12)}


def names_a_line(stage, text):
    named = set(re.findall(r"\bline (\d+)\b", text.casefold()))
    return "" if named & LINES else "no line from 1 to 11"
