# wrong: printed, not returned
import secrets


def marked(text):
    mark = secrets.token_hex(16)
    print(f"{mark}\n{text}\n{mark}")
