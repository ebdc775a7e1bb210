# right: one comprehension and a helper
def documents(sentence, brief):
    numbers = dict.fromkeys(map(int, re.findall(r"\[(\d+)\]", sentence)))
    return [brief.sources[n][1].document for n in numbers if n in brief.sources] or [""]


def rests_on(words, brief):
    return [
        (number, document)
        for number, draft in enumerate(brief.drafts, 1)
        for sentence in sentences(draft.text)
        if normalize(words) in normalize(sentence)
        for document in documents(sentence, brief)
    ]
