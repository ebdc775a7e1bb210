# wrong: computed from the text: the same text has the same mark
import hashlib


def marked(text):
    mark = hashlib.sha256(text.encode()).hexdigest()
    return f"{mark}\n{text}\n{mark}"
