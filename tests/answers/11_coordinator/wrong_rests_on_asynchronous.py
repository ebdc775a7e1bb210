# wrong: is async, though nothing is awaited
async def rests_on(words, brief):
    entries = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in sentences(draft.text):
            if normalize(words) in normalize(sentence):
                cited = list(dict.fromkeys(int(n) for n in re.findall(r"\[(\d+)\]", sentence)))
                found = [brief.sources[n][1].document for n in cited if n in brief.sources]
                entries += [(number, document) for document in found or [""]]
    return entries
