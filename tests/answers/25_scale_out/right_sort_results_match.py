# right: match
def sort_results(names, results):
    found = {one.custom_id: one for one in results}
    answers, again, wrong = {}, [], []
    for name in names:
        match getattr(found.get(name), "result", None):
            case object(type="succeeded", message=message):
                answers[name] = message
            case object(type="errored", error=error) if "invalid" in error.error.type:
                wrong.append(name)
            case _:
                again.append(name)
    return answers, again, wrong
