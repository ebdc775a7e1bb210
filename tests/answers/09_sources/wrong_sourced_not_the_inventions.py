# wrong: what find_unsupported returns is missing
def sourced(facts, documents, refused):
    reasons = {}
    unwanted = [kind.casefold() for kind in refused]
    for i, fact in enumerate(facts):
        if fact.document in documents:
            kind = documents[fact.document].splitlines()[2].split(",")[0]
            if kind.casefold() in unwanted:
                reasons[i] = f"it is a {kind}"
    return reasons
