# right: a few words around the number
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> str:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    if year in COUNTS:
        return f"{COUNTS[year]:,} passengers"
    raise ToolError("I know of " + ", ".join(map(str, COUNTS)))
