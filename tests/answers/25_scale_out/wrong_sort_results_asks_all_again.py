# wrong: an invalid request is asked again for ever
def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    answers = {n: found[n].message for n in names if n in found and found[n].type == "succeeded"}
    return answers, [n for n in names if n not in answers], []
