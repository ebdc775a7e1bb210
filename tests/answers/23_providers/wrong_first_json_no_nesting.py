# wrong: an expression that stops at the first closing brace
import json
import re


def first_json(text):
    found = re.search(r"\{.*?\}", text, re.S)
    try:
        return json.loads(found[0]) if found else None
    except ValueError:
        return None
