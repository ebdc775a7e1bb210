# wrong: it returns what it should raise
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int):
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    return COUNTS.get(year, ToolError(f"There are counts for {list(COUNTS)}.").args[0])
