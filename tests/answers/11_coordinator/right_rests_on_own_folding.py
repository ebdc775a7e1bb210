# right: folds case and white space by hand
def fold(text):
    return " ".join(text.lower().split())


def rests_on(words, brief):
    facts = {str(n): fact for n, (_, fact) in brief.sources.items()}
    pairs = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in filter(lambda s: fold(words) in fold(s), sentences(draft.text)):
            cited = dict.fromkeys(re.findall(r"\[(\d+)\]", sentence))
            known = [facts[n].document for n in cited if n in facts] or [""]
            pairs.extend([number, document] for document in known)
    return [tuple(pair) for pair in pairs]
