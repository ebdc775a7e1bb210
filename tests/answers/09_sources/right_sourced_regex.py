# right: a pattern takes the third line up to its first comma
import re

from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    reasons = find_unsupported(facts, documents)
    for place, fact in enumerate(facts):
        text = documents.get(fact.document, "")
        kind = re.match(r".*\n.*\n([^,\n]*),", text)
        if place in reasons or kind is None:
            continue
        for one in refused:
            if one.lower() == kind[1].strip().lower():
                reasons[place] = f"{fact.document}: {one} do not count"
    return reasons
