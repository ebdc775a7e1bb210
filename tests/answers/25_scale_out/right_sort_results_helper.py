# right: a helper that names the kind
def kind_of(result):
    if result is None or result.type in ("expired", "canceled"):
        return "again"
    if result.type == "errored":
        return "wrong" if result.error.error.type == "invalid_request_error" else "again"
    return "answer"


def sort_results(names, results):
    found = {one.custom_id: one.result for one in results}
    kinds = {name: kind_of(found.get(name)) for name in names}
    answers = {name: found[name].message for name in names if kinds[name] == "answer"}
    lists = [[name for name in names if kinds[name] == kind] for kind in ("again", "wrong")]
    return (answers, *lists)
