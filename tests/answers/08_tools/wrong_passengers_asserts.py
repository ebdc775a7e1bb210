# wrong: an assert, of which the model learns the name only
from anthropic.lib.tools import ToolError

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int:
    """How many passengers the ferry carried in one year.

    Args:
        year: a calendar year
    """
    assert year in COUNTS, f"There are counts for {list(COUNTS)}."
    return COUNTS[year]
