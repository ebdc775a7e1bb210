# right: words with what surrounds them taken off
import string


def names_a_line(stage, text):
    edges = string.punctuation + string.whitespace
    words = [word.strip(edges) for word in text.lower().split()]
    for at, word in enumerate(words[:-1]):
        if word == "line" and words[at + 1].isdecimal() and 1 <= int(words[at + 1]) <= 11:
            return None
    return "it names no line of the code"
