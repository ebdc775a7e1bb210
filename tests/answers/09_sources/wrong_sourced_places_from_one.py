# wrong: places are counted from 1, those of the inventions from 0
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = find_unsupported(facts, documents)
    unwanted = [kind.casefold() for kind in refused]
    for i, fact in enumerate(facts, 1):
        if i not in reasons:
            kind = documents[fact.document].splitlines()[2].split(",")[0]
            if kind.casefold() in unwanted:
                reasons[i] = f"{fact.document} is no source: {kind}"
    return reasons
