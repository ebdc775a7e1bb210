# right: sets of kinds that are numbered

def alike_in_kinds(plan, other):
    def numbered(p):
        seen, out = [], set()
        for s in p.subtasks:
            out.add((s.kind, seen.count(s.kind)))
            seen.append(s.kind)
        return out
    a, b = numbered(plan), numbered(other)
    return len(a & b) / len(a | b) if a | b else 1.0
