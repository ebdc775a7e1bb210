# wrong: keeps 1, 11, 21
def worth_keeping(number, trace):
    return any(c.error for c in trace.calls) or trace.seconds > 10 or number % 10 == 1
