# wrong: a counter; the next mark can be worked out
from itertools import count

numbers = count(1000000000000000)


def marked(text):
    mark = str(next(numbers))
    return f"{mark}\n{text}\n{mark}"
