"""The pictures that stand in pages without a kernel: at the head of a lesson, and in the README.

Each is one that a lesson shows: `python tools/head_pictures.py` takes them out of the stored
outputs, `tools/build.py` does so too, and a test compares. At the head of a lesson write
`![what it shows](images/NN_topic.svg)`: it becomes two images, of which the column's width shows
one, so that letters keep 11 pixels.
"""

import json
import re
import sys
import urllib.parse
from pathlib import Path

from mas_helpers.course.notebooks import read_notebook
from mas_helpers.pictures.svg import either_width

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
    "09_sources": ("09_sources", "timeline(first_run)"),
    "10_fact_checker": ("10_fact_checker", "flow(finished)"),
    "11_coordinator": ("11_coordinator", "flow(whole)"),
    "12_errors": ("12_errors", "timeline(once)"),
    "13_deadlines": ("13_deadlines", "deadline=(8, 30))"),
    "14_failure_injection": ("14_failure_injection", "timeline(shown.trace)"),
    "15_timing_tests": ("15_timing_tests", "late=(0.0, 25.0, 0.5))"),
    "16_observability": ("16_observability", "flow(year)"),
    "17_cost": ("17_cost", "timeline(team)"),
    "18_memory": ("18_memory", "flow(told)"),
    "19_resume": ("19_resume", "timeline(both)"),
    "20_approval": ("20_approval", "timeline(approved)"),
    "21_mcp": ("21_mcp", "timeline(asked)"),
    "22_evaluation": ("22_evaluation", 'title="forty questions")'),
    "25_scale_out": ("25_scale_out", "seconds=(1.0, 9.0))"),
    "26_capstone": ("26_capstone", "seed=(0, 60))"),
    "23_providers": ("23_providers", "timeline(both)"),
    "24_frameworks": ("24_frameworks", "calls=[100, 1000])"),
}


# the Markdown that an author writes, and what became of it
HEAD = re.compile(
    r"!\[(?P<alt>[^]]*)\]\(images/\w+\.svg\)"
    r'|<img src="images/\w+\.svg" alt="(?P<said>[^"]*)".*?><img src="images/.*?>'
)


def main():
    for name in PICTURES:
        if write(name):
            print(f"written: notebooks/images/{name}.svg")
    return 0


def write(name):
    """True where a file of the picture changed, or the head of the lesson that is named so."""
    wide, narrow = files_of(name)
    files, lesson = {wide: draw(name)[0]}, ROOT / "notebooks" / f"{name}.ipynb"
    if lesson.exists():
        files[narrow] = draw(name)[1]
        notebook = read_notebook(lesson)
        notebook["cells"][0]["source"] = fill_head(name, notebook["cells"][0]["source"])
        for cell in notebook["cells"]:
            cell["source"] = cell["source"].splitlines(keepends=True)
        files[lesson] = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    changed = [
        file
        for file, text in files.items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    for file in changed:
        file.parent.mkdir(exist_ok=True)
        file.write_text(files[file], encoding="utf-8", newline="\n")
    return bool(changed)


def files_of(name):
    """Where its wide drawing is, and the narrow one."""
    folder = ROOT / "notebooks" / "images"
    return folder / f"{name}.svg", folder / "narrow" / f"{name}.svg"


def draw(name):
    """The SVG of the picture, its wide drawing and its narrow one.

    Raises ValueError where no cell of the lesson shows both.
    """
    lesson, end = PICTURES[name]
    for cell in read_notebook(ROOT / "notebooks" / f"{lesson}.ipynb")["cells"]:
        if cell["cell_type"] == "code" and cell["source"].endswith(end):
            for output in cell["outputs"]:
                html = "".join(output.get("data", {}).get("text/html", ""))
                shown = re.findall(r'src="data:image/svg\+xml,([^"]+)"', html)
                if len(shown) > 1:
                    return tuple(map(urllib.parse.unquote, shown[:2]))
    raise ValueError(f"{lesson} has no cell that ends with {end!r} and shows a picture")


def fill_head(name, text):
    """The first cell of a lesson, its picture as two images of which the narrow one has no width
    where a page keeps no styles.
    """
    widths = [int(re.search(r"width='(\d+)'", svg)[1]) for svg in draw(name)]
    styles = either_width(*widths)
    wide, narrow = (file.relative_to(ROOT / "notebooks").as_posix() for file in files_of(name))

    def images(found):
        alt = found["alt"] or found["said"]
        return (
            f'<img src="{wide}" alt="{alt}" width="{widths[0]}" style="{styles[0]}">'
            f'<img src="{narrow}" alt="" width="0" style="{styles[1]}">'
        )

    return HEAD.sub(images, text)


if __name__ == "__main__":
    sys.exit(main())
