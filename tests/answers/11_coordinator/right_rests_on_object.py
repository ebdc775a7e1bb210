# right: an object that is called
class Trail:
    def __call__(self, words, brief):
        self.entries = []
        for number, draft in enumerate(brief.drafts, 1):
            for sentence in sentences(draft.text):
                if normalize(words) in normalize(sentence):
                    self.add(number, sentence, brief.sources)
        return self.entries

    def add(self, number, sentence, sources):
        cited = dict.fromkeys(int(n) for n in re.findall(r"\[(\d{1,4})\]", sentence))
        found = [(number, sources[n][1].document) for n in cited if n in sources]
        self.entries += found or [(number, "")]


rests_on = Trail()
