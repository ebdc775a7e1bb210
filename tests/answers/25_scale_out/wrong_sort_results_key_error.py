# wrong: a name without a result ends it
def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        if found[name].type == "succeeded":
            answers[name] = found[name].message
        elif found[name].type == "errored" and "invalid" in found[name].error.error.type:
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
