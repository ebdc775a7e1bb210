# wrong: 8 characters
import secrets


def marked(text):
    mark = secrets.token_hex(4)
    return f"{mark}\n{text}\n{mark}"
