# right: the random numbers of the system, in digits
import random


def marked(text):
    mark = str(random.SystemRandom().randint(10**19, 10**20 - 1))
    return f"{mark}\n{text}\n{mark}"
