# right: a dict of the results first
def sort_results(names, results):
    by_name = {one.custom_id: one.result for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        result = by_name.get(name)
        kind = result.type if result else "expired"
        if kind == "succeeded":
            answers[name] = result.message
        elif kind == "errored" and result.error.error.type == "invalid_request_error":
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
