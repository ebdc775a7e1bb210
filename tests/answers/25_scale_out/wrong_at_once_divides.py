# wrong: slow calls get fewer seats
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, int(min(requests_a_minute, tokens_a_minute / tokens) / 60 / seconds))
