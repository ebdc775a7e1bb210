# right: an object with __call__
class Waves:
    def __call__(self, plan):
        self.left = dict(enumerate((set(s.needs) for s in plan.subtasks), 1))
        found = []
        while self.left:
            found.append(self.take())
        return found

    def take(self):
        wave = [n for n, needs in self.left.items() if not needs & set(self.left)]
        unknown = any(needs - set(range(1, 100)) for needs in self.left.values())
        beyond = any(max(needs, default=0) > self.count for needs in self.left.values())
        if not wave or unknown or beyond:
            raise ValueError("a circle, or a number that is not there")
        for n in wave:
            del self.left[n]
        return wave

    @property
    def count(self):
        return self._count

    _count = 0


class Counted(Waves):
    def __call__(self, plan):
        self._count = len(plan.subtasks)
        return super().__call__(plan)


waves = Counted()
