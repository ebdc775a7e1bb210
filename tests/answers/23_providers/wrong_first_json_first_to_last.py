# wrong: from the first brace to the last
import json


def first_json(text):
    try:
        return json.loads(text[text.index("{") : text.rindex("}") + 1])
    except ValueError:
        return None
