# wrong: the reason names the first refused kind, whichever the document is
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = find_unsupported(facts, documents)
    unwanted = [kind.casefold() for kind in refused]
    for i, fact in enumerate(facts):
        if i not in reasons:
            kind = documents[fact.document].splitlines()[2].split(",")[0]
            if kind.casefold() in unwanted:
                reasons[i] = f"{fact.document} is no source: {refused[0]}"
    return reasons
