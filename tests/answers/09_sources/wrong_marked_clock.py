# wrong: the time of the call
from datetime import datetime


def marked(text):
    mark = datetime.now().isoformat(timespec="microseconds")
    return f"{mark}\n{text}\n{mark}"
