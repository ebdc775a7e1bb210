# wrong: every line that is named must be there
import re


def names_a_line(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text.lower())]
    if named and all(1 <= number <= 11 for number in named):
        return None
    return "a line that is not there"
