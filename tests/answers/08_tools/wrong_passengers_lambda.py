# wrong: a lambda, which has no name and no docstring
COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}
passengers = lambda year: COUNTS[year]
