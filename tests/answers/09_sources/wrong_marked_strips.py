# wrong: the text is changed: space at its ends is lost
import secrets


def marked(text):
    mark = secrets.token_hex(16)
    return f"{mark}\n{text.strip()}\n{mark}"
