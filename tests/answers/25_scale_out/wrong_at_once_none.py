# wrong: none at all for a small limit
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return int(min(requests_a_minute, tokens_a_minute / tokens) * seconds / 60)
