# wrong: reads two digits at most, so 110 is 11
import re


def names_a_line(stage, text):
    named = re.findall(r"\bline (\d\d?)", text.lower())
    return None if any(1 <= int(number) <= 11 for number in named) else "no line"
