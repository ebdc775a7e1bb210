# right: every place is tried
import json


def first_json(text):
    decoder = json.JSONDecoder()
    for place, letter in enumerate(text):
        if letter != "{":
            continue
        try:
            value, end = decoder.raw_decode(text, place)
        except ValueError:
            continue
        return value
