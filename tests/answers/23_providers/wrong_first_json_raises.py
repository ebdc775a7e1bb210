# wrong: a text without an object is an error
import json


def first_json(text):
    start = text.index("{")
    while True:
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except json.JSONDecodeError:
            start = text.index("{", start + 1)
