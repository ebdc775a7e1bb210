# wrong: a plain function that returns a number
def nap():
    return 90
