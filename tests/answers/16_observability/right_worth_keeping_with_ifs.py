# right: a question at a time
def worth_keeping(number, trace):
    for call in trace.calls:
        if call.error != "":
            return True
    if trace.seconds > 10:
        return True
    if number % 10 == 0:
        return True
    return False
