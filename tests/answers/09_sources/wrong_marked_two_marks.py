# wrong: another line below than above
import secrets


def marked(text):
    return f"{secrets.token_hex(16)}\n{text}\n{secrets.token_hex(16)}"
