# wrong: what was cut is closed by hand
import json


def first_json(text):
    for place, letter in enumerate(text):
        if letter == "{":
            for ending in ("", '"}', "}"):
                try:
                    return json.JSONDecoder().raw_decode(text[place:] + ending)[0]
                except ValueError:
                    pass
    return None
