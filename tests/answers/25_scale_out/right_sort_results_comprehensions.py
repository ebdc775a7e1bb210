# right: three comprehensions
def sort_results(names, results):
    found = {r.custom_id: r.result for r in results}
    good = {n: found[n].message for n in names if n in found and found[n].type == "succeeded"}
    wrong = [
        n
        for n in names
        if n in found
        and found[n].type == "errored"
        and found[n].error.error.type == "invalid_request_error"
    ]
    return good, [n for n in names if n not in good and n not in wrong], wrong
