# right: two dicts merged; the inventions come last and win
from mas_helpers.agents import find_unsupported


def sourced(facts, documents, refused):
    refused = {one.casefold() for one in refused}
    kinds = {name: text.split("\n")[2].partition(",")[0] for name, text in documents.items()}
    bad = {
        i: f"its kind is {kinds[f.document]}"
        for i, f in enumerate(facts)
        if kinds.get(f.document, "").casefold() in refused
    }
    return bad | find_unsupported(facts, documents)
