# wrong: a docstring that repeats the names
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int:
    """Passengers.

    Args:
        year: year
    """
    if year not in COUNTS:
        raise ToolError(f"There are counts for {list(COUNTS)}.")
    return COUNTS[year]
