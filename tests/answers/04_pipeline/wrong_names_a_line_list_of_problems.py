# wrong: a list of reasons
import re


def names_a_line(stage, text):
    named = re.findall(r"\bline (\d+)", text.lower())
    return None if any(1 <= int(number) <= 11 for number in named) else ["no line"]
