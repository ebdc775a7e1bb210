# wrong: it prints what it should return
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> None:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ToolError(f"There are counts for {list(COUNTS)}.")
    print(COUNTS[year])
