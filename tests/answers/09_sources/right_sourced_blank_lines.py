# right: cut at the empty line, which is where the third line begins
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = dict(find_unsupported(facts, documents))
    lowered = set(map(str.lower, refused))
    for n in range(len(facts)):
        if n in reasons:
            continue
        _, about, *_ = documents[facts[n].document].split("\n\n")
        kind = about[: about.index(",")]
        if kind.lower() in lowered:
            reasons[n] = "Refused: a " + kind.lower() + " (" + about + ")"
    return reasons
