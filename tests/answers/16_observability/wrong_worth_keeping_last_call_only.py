# wrong: only the last call is asked
def worth_keeping(number, trace):
    failed = bool(trace.calls and trace.calls[-1].error)
    return failed or trace.seconds > 10 or number % 10 == 0
