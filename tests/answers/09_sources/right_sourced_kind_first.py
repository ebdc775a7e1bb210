# right: what is of a refused kind is looked at before the words are
from mas_helpers.agents import find_unsupported


def kind_of(text):
    return text.splitlines()[2].split(",", 1)[0]


def sourced(facts, documents, refused):
    wanted = [one.upper() for one in refused]
    invented = find_unsupported(facts, documents)
    reasons = {}
    for i, fact in enumerate(facts):
        if fact.document in documents and kind_of(documents[fact.document]).upper() in wanted:
            reasons[i] = kind_of(documents[fact.document])
        elif i in invented:
            reasons[i] = invented[i]
    return reasons
