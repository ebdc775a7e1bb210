# right: an object that can be called
class Landed:
    def __call__(self, pairs, specialists):
        counts = dict.fromkeys(("right", "desk", "wrong specialist"), 0)
        for pair in pairs:
            counts[self.place(*pair, specialists)] += 1
        return counts

    def place(self, label, said, specialists):
        if label == said:
            return "right"
        return "wrong specialist" if said in specialists else "desk"


landed = Landed()
