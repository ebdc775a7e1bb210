# wrong: what was canceled is in no list
def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        result = found.get(name)
        if result is None or result.type == "expired":
            again.append(name)
        elif result.type == "succeeded":
            answers[name] = result.message
        elif result.type == "errored":
            invalid = result.error.error.type == "invalid_request_error"
            (wrong if invalid else again).append(name)
    return answers, again, wrong
