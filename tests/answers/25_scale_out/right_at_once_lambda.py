# right: a lambda
at_once = lambda requests_a_minute, tokens_a_minute, seconds, tokens: int(
    max(min(requests_a_minute * seconds // 60, tokens_a_minute * seconds // 60 // tokens), 1)
)
