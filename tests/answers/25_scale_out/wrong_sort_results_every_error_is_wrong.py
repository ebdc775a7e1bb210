# wrong: a busy server makes a request wrong
def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        kind = found[name].type if name in found else "expired"
        if kind == "succeeded":
            answers[name] = found[name].message
        elif kind == "errored":
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
