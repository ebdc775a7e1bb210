# right: a random UUID
import uuid


def marked(text):
    mark = str(uuid.uuid4())
    return f"{mark}\n{text}\n{mark}"
