# wrong: no lines of their own
import secrets


def marked(text):
    mark = secrets.token_hex(16)
    return f"{mark} {text} {mark}"
