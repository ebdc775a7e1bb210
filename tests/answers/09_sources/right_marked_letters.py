# right: letters drawn one by one
import secrets
import string


def marked(text):
    mark = "".join(secrets.choice(string.ascii_letters) for _ in range(20))
    return f"{mark}\n{text}\n{mark}"
