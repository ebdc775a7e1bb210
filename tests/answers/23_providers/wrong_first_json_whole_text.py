# wrong: only where the text is nothing but JSON
import json


def first_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
