# wrong: it looks for the refused kind anywhere in the document
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = find_unsupported(facts, documents)
    for i, fact in enumerate(facts):
        for kind in refused:
            if i not in reasons and kind.casefold() in documents[fact.document].casefold():
                reasons[i] = f"{fact.document} is no source: {kind}"
    return reasons
