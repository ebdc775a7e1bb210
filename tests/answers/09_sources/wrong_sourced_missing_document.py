# wrong: it reads the kind of a document that isn't there
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = {}
    unwanted = [kind.casefold() for kind in refused]
    for i, fact in enumerate(facts):
        kind = documents[fact.document].splitlines()[2].split(",")[0]
        if kind.casefold() in unwanted:
            reasons[i] = f"{fact.document} is no source: {kind}"
    return reasons | find_unsupported(facts, documents)
