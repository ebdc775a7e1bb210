# wrong: range(12) has a line 0
import re


def names_a_line(stage, text):
    named = re.findall(r"\bline (\d+)", text.lower())
    return None if any(int(number) in range(12) for number in named) else "no line"
