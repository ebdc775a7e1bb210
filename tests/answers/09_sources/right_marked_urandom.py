# right: 16 characters, drawn again where the text has them
import os


def marked(text):
    mark = os.urandom(8).hex()
    while mark in text:
        mark = os.urandom(8).hex()
    return f"{mark}\n{text}\n{mark}"
