# wrong: looks at the last line that is named
import re


def names_a_line(stage, text):
    named = re.findall(r"\bline (\d+)", text.lower())
    return None if named and 1 <= int(named[-1]) <= 11 else "no line"
