# right: finditer, and None because nothing is returned
import re


def names_a_line(stage, text):
    for match in re.finditer(r"\bline\s+(\d+)", text, re.IGNORECASE):
        if 0 < int(match.group(1)) < 12:
            return
    return f"{stage} names no line"
