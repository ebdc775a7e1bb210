"""What pages say of all the lessons, made from the lessons: `python tools/pages.py` writes it, a
test compares.

The README's map gets its links, minutes and needs; what one builds stays as it was written. Where
to begin gets the ways to one subject and the week. The page for teachers gets its links, and its
plans the minutes of reading and the time of day.
"""

import argparse
import re
import sys
from pathlib import Path

from mas_helpers.course.course_map import part_of, part_title, read_before, read_course

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
LAST = "99"
WAYS = [  # what a reader wants, and the lessons; those that aren't written yet are left out
    ("Part 1: one agent, and four patterns", "00", "05"),
    ("Part 2: systems of agents", "06", "11"),
    ("Part 3: what happens when calls fail", "12", "15"),
    ("Part 4: production", "16", LAST),
    ("an agent with tools, and quotations that are checked", "08", "10"),
    ("errors, retries, and an answer in time", "12", "13"),
    ("tests of your own system: faults, and seconds with `==`", "14", "15"),
    ("which agent brought in a wrong number", "16", "16"),
    ("what a run costs, and a cap that holds", "17", "17"),
    ("conversations: kept, recalled, forgotten", "18", "18"),
    ("a run that survives a crash, and waits for a person", "19", "20"),
    ("tools that others built: MCP, skills, handoffs", "21", "21"),
    ("how good it is, and a gate for your CI", "22", "22"),
    ("other models, one on your own machine", "23", "23"),
    ("the same system in a framework", "24", "24"),
    ("thousands of calls", "25", "25"),
    ("a system of your own", "26", "26"),
]
WEEK = ["00", "06", "12", "18", "23"]  # the first lesson of each day
MAP = re.compile(r"^\|[^\n]*\| lesson \|[^\n]*\n(?:\|.*\n)+", re.M)
PLAN = re.compile(r"^\| from \| minutes \| what \|\n.*\n(?:\|.*\n)+", re.M)


def main(arguments=None):
    """The exit code, 0."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    for path, text in pages().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: {path.relative_to(ROOT)}")
    return 0


def pages():
    """The text of each page by its path."""
    course = read_course(NOTEBOOKS)
    fills = {
        ROOT / "README.md": [fill_map],
        NOTEBOOKS / "WHERE_TO_BEGIN.md": [fill_ways, fill_week],
        ROOT / "teaching" / "README.md": [fill_links, fill_plans],
    }
    texts = {}
    for path, steps in fills.items():
        text = path.read_text(encoding="utf-8")
        for step in steps:
            text = step(text, course)
        texts[path] = text
    return texts


def fill_map(text, course):
    """The README with a row for each lesson. Raises ValueError for one that builds nothing yet."""
    table = MAP.search(text)
    builds = {
        number: rest.rpartition(" | ")[2] if " | " in rest else rest
        for number, rest in re.findall(r"notebooks/(\d\d)_\w+\.ipynb\) \| (.+) \|$", table[0], re.M)
    }
    rows = ["| | lesson | needs | minutes | you build |", "|---|---|---|---|---|"]
    part = 0
    for number, lesson in course.items():
        if number not in builds:
            row = f"| | [{number}](notebooks/{lesson.name}.ipynb) | what one builds |"
            raise ValueError(f"README.md: its map has no lesson {number}. Add: {row}")
        heading = bold(part_title(part_of(lesson))) if part_of(lesson) != part else ""
        part = part_of(lesson)
        link = f"[{lesson.name.replace('_', ' ')}](notebooks/{lesson.name}.ipynb)"
        cells = [heading, link, ", ".join(lesson.needs), f"{lesson.read} + {lesson.practise}"]
        rows.append("| " + " | ".join([*cells, builds[number]]).lstrip() + " |")
    return text.replace(table[0], "\n".join(rows) + "\n")


def bold(heading):
    """`Part 2: systems` as the README has it, its first words bold."""
    part, _, rest = heading.partition(":")
    return f"**{part}**:{rest}"


def fill_ways(text, course):
    rows = ["| you want | lessons | before | to read | to practise |", "|---|---|---|---|---|"]
    for wish, first, last in WAYS:
        inside = [number for number in course if first <= number <= last]
        if inside:
            before = read_before(course, inside)
            links = f"{linked(course, inside)} | {linked(course, before) or 'nothing'}"
            rows.append(f"| {wish} | {links} | {hours(course, before, inside)} |")
    return between(text, "ways", "\n".join(rows))


def linked(course, numbers):
    """Links to lessons; three or more in a row by the first and the last, `00 to 03`."""
    order = [*course]
    runs = []
    for number in numbers:
        if runs and order.index(number) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = []
    for run in runs:
        links = [f"[{number}]({course[number].name}.ipynb)" for number in run]
        shown += [f"{links[0]} to {links[-1]}"] if len(run) > 2 else links
    return ", ".join(shown)


def hours(course, before, inside):
    """Two cells: hours of reading and of practising, of what comes before and of these."""
    cells = []
    for kind in ("read", "practise"):
        sums = [sum(getattr(course[n], kind) for n in some) for some in (before, inside)]
        cells.append(" + ".join(clock(minutes) for minutes in sums if minutes))
    return " | ".join(cells)


def clock(minutes):
    """`"2:05"`: hours and minutes."""
    return f"{minutes // 60}:{minutes % 60:02}"


def fill_week(text, course):
    rows = ["| day | lessons | to read | to practise |", "|---|---|---|---|"]
    for day, (first, end) in enumerate(zip(WEEK, [*WEEK[1:], LAST], strict=True), 1):
        inside = [number for number in course if first <= number < end]
        rows.append(f"| {day} | {linked(course, inside)} | {hours(course, [], inside)} |")
    return between(text, "week", "\n".join(rows))


def between(text, name, made):
    """The text with what is made between two marks."""
    mark = f"<!-- {name}: made by tools/pages.py -->\n"
    head, rest = text.split(mark)
    _, end, tail = rest.partition("<!-- end -->")
    return f"{head}{mark}\n{made}\n\n{end}{tail}"


def fill_links(text, course):
    """The teachers' page with a link to each lesson's page, and to its sheet."""
    for begin, folder in (("for you, a page each", "lessons"), ("for them, to print", "sheets")):
        links = " · ".join(f"[{n}]({folder}/{one.name}.md)" for n, one in course.items())
        text = re.sub(rf"^\| {begin} \| .*$", f"| {begin} | {links} |", text, flags=re.M)
    return text


def fill_plans(text, course):
    """Each plan: the minutes of reading are the lesson's, a row begins when the one before ends."""
    return PLAN.sub(lambda plan: fill_plan(plan[0], course), text)


def fill_plan(plan, course):
    heading, rule, *rows = plan.splitlines()
    hour, minute = re.match(r"\| (\d+):(\d\d)", rows[0]).groups()
    now, lines = int(hour) * 60 + int(minute), []
    for row in rows:
        _, _, long, what, _ = (cell.strip() for cell in row.split("|"))
        reading = re.match(r"\*\*(\d\d)\*\*, reading", what)
        long = course[reading[1]].read if reading else int(long)
        lines.append(f"| {clock(now)} | {long} | {what} |")
        now += long
    return "\n".join([heading, rule, *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
