"""The pictures that stand in pages without a kernel: at the head of a lesson, and in the README.

Each is one that a lesson shows: `python tools/head_pictures.py` takes them out of the stored
outputs, `tools/build.py` does so too, and a test compares.
"""

import re
import sys
import urllib.parse
from pathlib import Path

from mas_helpers.course.notebooks import read_notebook

ROOT = Path(__file__).resolve().parents[1]
# the picture, the lesson that shows it, and how the cell that draws it ends
PICTURES = {
    "router_and_specialist": ("02_router", "timeline(one)"),
    "00_start_here": ("07_orchestrator", "timeline(whole))"),
    "01_agent": ("01_agent", "flow(taken)"),
    "02_router": ("02_router", "flow(one)"),
    "03_parallel": ("03_parallel", "flow(together)"),
    "04_pipeline": ("04_pipeline", "flow(reviewed)"),
    "05_aggregator": ("05_aggregator", "flow(whole))"),
    "06_planner": ("06_planner", "flow(planning)"),
    "07_orchestrator": ("12_errors", "timeline(healthy)"),  # its own would tell what is guessed
    "08_tools": ("08_tools", "timeline(sailing)"),
    "11_coordinator": ("11_coordinator", "flow(whole)"),
    "12_errors": ("12_errors", "timeline(once)"),
    "13_deadlines": ("13_deadlines", "deadline=(8, 30))"),
    "14_failure_injection": ("14_failure_injection", "timeline(shown.trace)"),
    "15_timing_tests": ("15_timing_tests", "late=(0.0, 25.0, 0.5))"),
    "16_observability": ("16_observability", "flow(year)"),
    "17_cost": ("17_cost", "timeline(team)"),
    "18_memory": ("18_memory", "flow(told)"),
}


def main():
    for name in PICTURES:
        if write(name):
            print(f"written: images/{name}.svg")
    return 0


def write(name):
    """True where the picture changed."""
    target, svg = ROOT / "images" / f"{name}.svg", draw(name)
    if target.exists() and target.read_text(encoding="utf-8") == svg:
        return False
    target.write_text(svg, encoding="utf-8", newline="\n")
    return True


def draw(name):
    """The SVG of the picture, its wide drawing.

    Raises ValueError where no cell of the lesson shows it.
    """
    lesson, end = PICTURES[name]
    for cell in read_notebook(ROOT / "notebooks" / f"{lesson}.ipynb")["cells"]:
        if cell["cell_type"] == "code" and cell["source"].endswith(end):
            for output in cell["outputs"]:
                html = "".join(output.get("data", {}).get("text/html", ""))
                if shown := re.search(r'src="data:image/svg\+xml,([^"]+)"', html):
                    return urllib.parse.unquote(shown[1])
    raise ValueError(f"{lesson} has no cell that ends with {end!r} and shows a picture")


if __name__ == "__main__":
    sys.exit(main())
