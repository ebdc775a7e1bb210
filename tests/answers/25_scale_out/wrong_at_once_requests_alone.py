# wrong: the tokens are no limit
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, int(requests_a_minute * seconds / 60))
