# right: what is behind each brace
import json


def first_json(text):
    parts = text.split("{")
    for number in range(1, len(parts)):
        try:
            return json.JSONDecoder().raw_decode("{" + "{".join(parts[number:]))[0]
        except ValueError:
            pass
    return None
