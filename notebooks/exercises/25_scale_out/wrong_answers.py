"""Tempting wrong answers to the exercises of 25_scale_out, and what to ask back."""


def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    """The requests are counted, and the tokens aren't. With long prompts the token limit is the one
    that's reached first.

    Ask back: how many tokens does this send in a minute? Is that allowed?
    """
    return max(1, int(requests_a_minute * seconds // 60))


def sort_results(names, results):
    """The results are taken in the order in which they come, as if it were that of the requests.
    Each letter gets the answer of another one, and nobody sees an error.

    Ask back: whose answer comes first? How do you know whose it is?
    """
    answers, again, wrong = {}, [], []
    for name, result in zip(names, results, strict=False):
        if result.result.type == "succeeded":
            answers[name] = result.result.message
        elif result.result.type == "errored":
            wrong.append(name)
        else:
            again.append(name)
    return answers, again, wrong
