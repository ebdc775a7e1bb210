# wrong: keys only for what was seen
from collections import Counter


def landed(pairs, specialists):
    return Counter(
        "right" if label == said else "wrong specialist" if said in specialists else "desk"
        for label, said in pairs
    )
