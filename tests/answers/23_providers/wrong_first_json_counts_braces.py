# wrong: braces are counted, also those inside strings
import json


def first_json(text):
    depth, start = 0, -1
    for place, letter in enumerate(text):
        if letter == "{":
            start = place if depth == 0 else start
            depth += 1
        elif letter == "}" and depth:
            depth -= 1
            if depth == 0:
                try:
                    return json.loads(text[start : place + 1])
                except ValueError:
                    continue
    return None
