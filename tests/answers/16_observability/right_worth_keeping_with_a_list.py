# right: the failed calls in a list
def worth_keeping(number, trace):
    failed = [call for call in trace.calls if call.error]
    return len(failed) > 0 or trace.seconds > 10.0 or not number % 10
