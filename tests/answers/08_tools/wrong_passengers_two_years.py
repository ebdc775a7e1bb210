# wrong: the error leaves a year out
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ToolError("There are counts for 2023 and 2025.")
    return COUNTS[year]
