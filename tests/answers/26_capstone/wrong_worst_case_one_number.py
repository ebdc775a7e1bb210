# wrong: only the dollars
def worst_case(workers, writer, usd):
    return 0.0082
