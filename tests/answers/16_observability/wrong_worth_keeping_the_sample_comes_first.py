# wrong: failures are kept in the sample only
def worth_keeping(number, trace):
    if number % 10 != 0:
        return False
    return True
