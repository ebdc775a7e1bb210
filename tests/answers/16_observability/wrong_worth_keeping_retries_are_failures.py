# wrong: a retry that got its answer counts as a failure
def worth_keeping(number, trace):
    failed = any(call.error or call.retries for call in trace.calls)
    return failed or trace.seconds > 10 or number % 10 == 0
