# right: asks for whole words, as the package does
def rests_on(words, brief):
    said = []
    for i, draft in enumerate(brief.drafts):
        for sentence in sentences(draft.text):
            if contains_words(normalize(sentence), normalize(words)):
                numbers = [n for n in brief.sources if f"[{n}]" in sentence]
                numbers.sort(key=lambda n: sentence.index(f"[{n}]"))
                said.extend((i + 1, brief.sources[n][1].document) for n in numbers)
                if not numbers:
                    said.append((i + 1, ""))
    return said
