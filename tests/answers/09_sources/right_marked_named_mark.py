# right: a word that says what it is, and a drawn part
import secrets


def marked(text):
    line = f"=== document {secrets.token_urlsafe(16)} ==="
    return "\n".join([line, text, line])
