# wrong: rounded to the nearest
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, round(min(requests_a_minute, tokens_a_minute / tokens) * seconds / 60))
