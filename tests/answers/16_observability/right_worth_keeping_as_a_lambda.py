# right: a lambda
worth_keeping = lambda number, trace: bool(
    number % 10 == 0 or trace.seconds > 10 or sum(bool(call.error) for call in trace.calls)
)
