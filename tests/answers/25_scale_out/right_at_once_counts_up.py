# right: it tries one more until a limit is passed
def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    seats = 1
    while True:
        calls = (seats + 1) * 60 / seconds
        if calls > requests_a_minute or calls * tokens > tokens_a_minute:
            return seats
        seats += 1
