# right: three lists and their lengths
def landed(pairs, specialists):
    right = [said for label, said in pairs if label == said]
    rest = [said for label, said in pairs if label != said]
    wrong = [said for said in rest if said in set(specialists)]
    return dict(right=len(right), desk=len(rest) - len(wrong), **{"wrong specialist": len(wrong)})
