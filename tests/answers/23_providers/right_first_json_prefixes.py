# right: from each opening brace, to each closing one
import json


def first_json(text):
    for start in range(len(text)):
        if text[start] != "{":
            continue
        for end in range(start + 1, len(text)):
            if text[end] == "}":
                try:
                    return json.loads(text[start : end + 1])
                except ValueError:
                    pass
    return None
