# wrong: in the order of the results
def sort_results(names, results):
    answers, again, wrong = {}, [], []
    for one in results:
        if one.result.type == "succeeded":
            answers[one.custom_id] = one.result.message
        elif one.result.type == "errored" and "invalid" in one.result.error.error.type:
            wrong.append(one.custom_id)
        else:
            again.append(one.custom_id)
    return answers, again + [n for n in names if n not in {r.custom_id for r in results}], wrong
