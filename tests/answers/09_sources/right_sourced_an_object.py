# right: an object that can be called
from mas_helpers.agents import find_unsupported


class Sourced:
    def kind(self, text):
        return text.splitlines()[2].split(",")[0]

    def __call__(self, facts, documents, refused):
        reasons = find_unsupported(facts, documents)
        for i, fact in enumerate(facts):
            if i not in reasons:
                kind = self.kind(documents[fact.document])
                if kind.casefold() in (one.casefold() for one in refused):
                    reasons[i] = f"no {kind}, please"
        return reasons


sourced = Sourced()
