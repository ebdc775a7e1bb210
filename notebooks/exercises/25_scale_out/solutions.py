"""Solutions to the exercises of 25_scale_out."""


def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    by_requests = requests_a_minute * seconds // 60
    by_tokens = tokens_a_minute * seconds // (60 * tokens)
    return max(1, int(min(by_requests, by_tokens)))


def sort_results(names, results):
    found = {result.custom_id: result.result for result in results}
    answers, again, wrong = {}, [], []
    for name in names:
        result = found.get(name)
        if result is not None and result.type == "succeeded":
            answers[name] = result.message
        elif (
            result is not None
            and result.type == "errored"
            and result.error.error.type == "invalid_request_error"
        ):
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
