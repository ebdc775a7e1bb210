"""What a workshop with live calls would cost: people times one run of each lesson.

  python teaching/cost.py --people 20            every lesson
  python teaching/cost.py --people 20 00 01 02   these
  python teaching/cost.py --people 20 --runs 3   each of them runs each lesson three times

Computed from the tokens in the recordings and the price table of the installed genai-prices. The
recordings that come with the course are the stand-in model's: a live model may think and write
more, or less. So set a limit in the console of the API at a multiple of the sum. A workshop on
recordings costs nothing, and needs no key.
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

from mas_helpers import table
from mas_helpers.course import live_cost

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def main(arguments=None):
    """The exit code; prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="00 or 00_start_here (default: all)"
    )
    parser.add_argument(
        "--people", type=at_least_one, default=1, metavar="N", help="how many run them (default: 1)"
    )
    parser.add_argument(
        "--runs",
        type=at_least_one,
        default=1,
        metavar="N",
        help="how often each does (default: once)",
    )
    options = parser.parse_args(arguments)
    try:
        print(bill(chosen(options.lessons), options.people, options.runs))
    except ValueError as error:
        parser.error(str(error))
    return 0


def at_least_one(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a whole number from 1 on")
    return int(text)


def chosen(names):
    """The LiveCost of each lesson named; one that asks nobody has none.

    Raises ValueError for one that is not there.
    """
    recorded = {cost.lesson: cost for cost in live_cost(NOTEBOOKS / "recordings")}
    there = sorted({*recorded, *(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))})
    for name in names:
        if not any(name in (lesson, lesson[:2]) for lesson in there):
            raise ValueError(f"There is no lesson {name}. There are: {', '.join(there)}")
    return [
        cost for cost in recorded.values() if not names or {cost.lesson, cost.lesson[:2]} & {*names}
    ]


def bill(costs, people, runs):
    times = people * runs
    rows = [
        (c.lesson, c.calls, c.calls * times, f"${c.cost_usd:.4f}", f"${c.cost_usd * times:.2f}")
        for c in costs
    ]
    calls, usd = sum(c.calls for c in costs), sum(c.cost_usd for c in costs)
    rows.append(("in all", calls, calls * times, f"${usd:.4f}", f"${usd * times:.2f}"))
    headings = ["lesson", "calls of one", f"of {people}", "dollars of one", f"of {people}"]
    if runs > 1:
        headings = [
            heading + f", {runs} runs" if heading.startswith("of ") else heading
            for heading in headings
        ]
    prices = importlib.metadata.version("genai-prices")
    return (
        f"{table(rows, headings)}\nBy the tokens in the recordings and the prices in genai-prices"
        f" {prices}."
    )


if __name__ == "__main__":
    sys.exit(main())
