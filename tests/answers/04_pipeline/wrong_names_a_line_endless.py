# wrong: a loop that never ends where no line is named
def names_a_line(stage, text):
    at = 0
    while True:
        at = text.lower().find("line ", at)
        number = text[at + 5 : at + 7].rstrip(" :.,)")
        if number.isdigit() and 1 <= int(number) <= 11:
            return None
