# wrong: the larger limit counts
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, int(max(requests_a_minute, tokens_a_minute / tokens) * seconds / 60))
