# wrong: only what is inside a fence
import json
import re


def first_json(text):
    fenced = re.search(r"```(?:json)?\s*(\{.*?\})\s*```", text, re.S)
    try:
        return json.loads(fenced[1] if fenced else text)
    except ValueError:
        return None
