# right: a match statement, with thousands separators in the result
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> str:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    match COUNTS.get(year):
        case None:
            raise ToolError(f"There are counts for {list(COUNTS)}.")
        case count:
            return f"{count:,}"
