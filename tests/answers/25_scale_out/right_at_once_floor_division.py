# right: floor division of both
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    calls_a_minute = min(requests_a_minute, tokens_a_minute / tokens)
    return max(1, int(calls_a_minute * seconds / 60))
