# wrong: looks for a slow call, not a slow run
def worth_keeping(number, trace):
    bad = any(c.error or c.seconds > 10 for c in trace.calls)
    return bad or number % 10 == 0
