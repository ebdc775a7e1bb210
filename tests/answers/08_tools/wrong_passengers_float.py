# wrong: any number is a year
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: float) -> int:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ToolError(f"There are counts for {list(COUNTS)}.")
    return COUNTS[int(year)]
