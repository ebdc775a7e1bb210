# wrong: fails where a trace has no calls
def worth_keeping(number, trace):
    worst = max(call.seconds for call in trace.calls)
    failed = any(call.error for call in trace.calls)
    return failed or trace.seconds > 10 or worst > 10 or number % 10 == 0
