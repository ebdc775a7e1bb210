# right: the package's own has_failed
from mas_helpers.bench.tracing.call import has_failed


def worth_keeping(number, trace):
    return any(map(has_failed, trace.calls)) or trace.seconds > 10 or number % 10 == 0
