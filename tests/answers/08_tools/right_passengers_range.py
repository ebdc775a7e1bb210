# right: says from which year to which
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    if not 2023 <= year <= 2025:
        raise ToolError(f"The counts go from {min(COUNTS)} to {max(COUNTS)}, so not {year}.")
    return COUNTS[year]
