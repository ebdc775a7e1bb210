# wrong: the same mark in each call


def marked(text):
    mark = "=" * 30
    return f"{mark}\n{text}\n{mark}"
