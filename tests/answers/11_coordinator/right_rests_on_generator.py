# right: pairs come one by one, and are handed back as a list
def rests_on(words, brief):
    def pairs():
        for number, draft in enumerate(brief.drafts, start=1):
            for sentence in sentences(draft.text):
                if normalize(words) not in normalize(sentence):
                    continue
                seen = set()
                for match in re.finditer(r"\[(\d+)\]", sentence):
                    n = int(match[1])
                    if n in brief.sources and n not in seen:
                        seen.add(n)
                        yield number, brief.sources[n][1].document
                if not seen:
                    yield number, ""

    return list(pairs())
