# wrong: drawn when the function is defined, not when it is called
import secrets


def marked(text, mark=secrets.token_hex(16)):
    return f"{mark}\n{text}\n{mark}"
