# right: drawn by secrets
import secrets


def marked(text):
    mark = secrets.token_hex()
    return mark + "\n" + text + "\n" + mark
