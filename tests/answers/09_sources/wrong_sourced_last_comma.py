# wrong: the kind goes to the last comma
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = find_unsupported(facts, documents)
    unwanted = [kind.casefold() for kind in refused]
    for i, fact in enumerate(facts):
        if i not in reasons:
            kind = documents[fact.document].splitlines()[2].rsplit(",", 1)[0]
            if kind.casefold() in unwanted:
                reasons[i] = f"{fact.document} is no source: {kind}"
    return reasons
