# right: a set of bad documents first, then the facts
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    bad = {}
    for name, text in documents.items():
        kind = text.split("\n", 3)[2].split(",")[0].strip()
        if any(kind.casefold() == r.strip().casefold() for r in refused):
            bad[name] = kind
    reasons = find_unsupported(facts, documents)
    for i, fact in enumerate(facts):
        if fact.document in bad:
            reasons.setdefault(i, f"{fact.document} is of the kind {bad[fact.document]!r}")
    return reasons
