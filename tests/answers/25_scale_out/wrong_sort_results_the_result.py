# wrong: the result and not its message
def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        result = found.get(name)
        if result and result.type == "succeeded":
            answers[name] = result
        elif result and result.type == "errored" and "invalid" in result.error.error.type:
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
