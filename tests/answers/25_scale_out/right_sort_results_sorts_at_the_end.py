# right: it goes through the results, and sorts in the end
def sort_results(names, results):
    answers, wrong = {}, []
    for one in results:
        if one.result.type == "succeeded":
            answers[one.custom_id] = one.result.message
        elif one.result.type == "errored":
            if one.result.error.error.type == "invalid_request_error":
                wrong.append(one.custom_id)
    answers = {name: answers[name] for name in sorted(answers, key=names.index)}
    wrong.sort(key=names.index)
    again = [name for name in names if name not in answers and name not in wrong]
    return answers, again, wrong
