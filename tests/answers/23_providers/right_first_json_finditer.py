# right: braces by re, then the decoder
import json
import re
from contextlib import suppress


def first_json(text):
    for brace in re.finditer(r"\{", text):
        with suppress(ValueError):
            return json.JSONDecoder().raw_decode(text, brace.start())[0]
    return None
