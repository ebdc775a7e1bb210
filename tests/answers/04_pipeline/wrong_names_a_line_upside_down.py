# wrong: the reason for the good ones
import re


def names_a_line(stage, text):
    named = re.findall(r"\bline (\d+)", text.lower())
    return "it names a line" if any(1 <= int(n) <= 11 for n in named) else None
