# wrong: folds the case and leaves the white space
def rests_on(words, brief):
    entries = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in sentences(draft.text):
            if words.lower() in sentence.lower():
                cited = list(dict.fromkeys(int(n) for n in re.findall(r"\[(\d+)\]", sentence)))
                found = [brief.sources[n][1].document for n in cited if n in brief.sources]
                entries += [(number, document) for document in found or [""]]
    return entries
