# right: one expression
def worth_keeping(number, trace):
    return any(call.error for call in trace.calls) or trace.seconds > 10 or number % 10 == 0
