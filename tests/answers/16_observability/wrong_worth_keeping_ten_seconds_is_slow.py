# wrong: a run of exactly 10 s counts as slow
def worth_keeping(number, trace):
    return any(c.error for c in trace.calls) or trace.seconds >= 10 or number % 10 == 0
