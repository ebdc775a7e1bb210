# wrong: two facts of one document become one entry
def rests_on(words, brief):
    entries = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in sentences(draft.text):
            if normalize(words) in normalize(sentence):
                cited = list(dict.fromkeys(int(n) for n in re.findall(r"\[(\d+)\]", sentence)))
                found = [brief.sources[n][1].document for n in cited if n in brief.sources]
                entries += [(number, document) for document in dict.fromkeys(found) or [""]]
    return entries
