# wrong: three numbers without names
def landed(pairs, specialists):
    right = sum(label == said for label, said in pairs)
    there = sum(label != said and said in specialists for label, said in pairs)
    return right, len(pairs) - right - there, there
