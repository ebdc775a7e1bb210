# wrong: looks for one fault that breaks alone
def shrunk(faults, breaks):
    for one in faults:
        if breaks([one]):
            return [one]
    return faults
