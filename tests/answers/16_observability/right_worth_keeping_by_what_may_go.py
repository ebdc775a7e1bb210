# right: what may be dropped, the other way round
def worth_keeping(number, trace):
    all_fine = all(not call.error for call in trace.calls)
    quick = trace.seconds <= 10
    return not (all_fine and quick and number % 10 != 0)
