# wrong: an empty object is taken for none
import json


def first_json(text):
    for place, letter in enumerate(text):
        if letter == "{":
            try:
                return json.JSONDecoder().raw_decode(text, place)[0] or None
            except ValueError:
                pass
    return None
