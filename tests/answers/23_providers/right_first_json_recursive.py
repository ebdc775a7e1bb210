# right: the rest of the text is tried by the function itself
import json


def first_json(text):
    start = text.find("{")
    if start < 0:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:])
        return found
    except json.JSONDecodeError:
        return first_json(text[start + 1 :])
