# wrong: results beside requests by their place
def sort_results(names, results):
    answers, again, wrong = {}, [], []
    for name, one in zip(names, results):
        if one.result.type == "succeeded":
            answers[name] = one.result.message
        elif one.result.type == "errored" and "invalid" in one.result.error.error.type:
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
