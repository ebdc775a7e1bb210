# wrong: a fraction of a call
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, min(requests_a_minute, tokens_a_minute / tokens) * seconds / 60)
