# wrong: returns a list
def worth_keeping(number, trace):
    return [c for c in trace.calls if c.error] or trace.seconds > 10 or number % 10 == 0
