# right: filter and a helper
import re


def in_the_code(number):
    return int(number) in range(1, 12)


def names_a_line(stage, text):
    named = re.compile(r"(?i)\bline (\d+)").findall(text)
    return None if list(filter(in_the_code, named)) else "a finding without a line"
