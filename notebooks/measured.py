"""What was measured of frameworks, for lesson 24, with their code and their names for things."""

import ast
import json
import textwrap
from html import escape

from mas_helpers import table
from mas_helpers.course import course_file
from mas_helpers.pictures import bar_chart
from mas_helpers.pictures.tables import Shown

CODE = course_file("examples/frameworks")


def read(path):
    """A file of results, beside the script that wrote it."""
    return json.loads(course_file(path).read_text(encoding="utf-8"))


ROWS = read("benchmarks/frameworks.json")["rows"]
NAMES = read("examples/frameworks/feature_names.json")


def measured_on():
    """A Table of what was measured, when and where."""
    rows = []
    for one in ROWS.values():
        versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        machine = one["machine"]
        where = f"{machine['os']}, {machine['cpus']} cores, Python {machine['python']}"
        rows.append((one["title"], one["date"], where, round(machine["load"]), versions))
    return table(rows, ["system", "date", "machine", "load", "versions"])


def each(*path, of=ROWS):
    """What was measured under a name, by title: `each("orchestration", "seconds")`."""
    found = {}
    for one in of.values():
        value = one
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found[one["title"]] = value
    return found


def sizes():
    """A Table of what comes along with each: packages, megabytes, seconds to import."""
    columns = {
        "lines": ("lines",),
        "packages": ("packages",),
        "megabytes": ("megabytes",),
        "import, processor s": ("import", "cpu_seconds"),
    }
    return columns_of(columns)


def runs():
    """A Table of one run of each: what it took over the limit, its own work, what it sent."""
    columns = {
        "s over the limit": ("orchestration", "over_limit_seconds"),
        "processor ms": ("orchestration", "cpu_ms"),
        "bytes sent": ("orchestration", "bytes_sent"),
    }
    return columns_of(columns)


def columns_of(columns):
    found = [each(*path) for path in columns.values()]
    rows = [(title, *(one.get(title, "?") for one in found)) for title in each("title")]
    return table(rows, ["system", *columns])


def burst(calls=100):
    """A picture of the work that each call takes when so many are on their way at once."""
    found = each("at_once", str(calls), "cpu_ms_a_call")
    without = len(ROWS) - len(found)
    left_out = f"; {without} not measured" if without else ""
    title = f"processor ms a call, {calls:,} at once{left_out}"
    return bar_chart(found, title=title, write="{:.1f}".format) if found else "Not measured."


HEART = {
    "langgraph": "build_graph",
    "openai_agents": "answer",
    "crewai": "Orchestrator",
    "google_adk": "build_runner",
}


class Code(Shown):
    """Lines of Python, as they are in a file."""

    def __init__(self, text):
        self.text, self.html = text, f"<pre>{escape(text)}</pre>"


def source_of(system, since=""):
    """The part of a system's orchestrator.py that says who follows whom, from `since` on."""
    what = HEART.get(system, "build")
    text = (CODE / system / "orchestrator.py").read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if getattr(node, "name", "") == what:
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            begin = next(n for n, line in enumerate(lines) if since in line)
            return Code(textwrap.dedent("\n".join(lines[begin:])))
    raise LookupError(f"{system}/orchestrator.py has no {what}")


SILENT = ("hands it on", "leaves it out")


def ended(failure):
    """What came of a run with a broken worker, by what its synthesizer read in place of the part:
    "raises", "names it", "answers" with the part after all, or one of SILENT.
    """
    read = failure["read_instead"]
    if failure["outcome"] == "exception":
        return "raises"
    if read is None:
        return "answers"
    return "names it" if read.startswith("Missing") else "hands it on" if read else "leaves it out"


def endings():
    """How each system ended under each failure, by title: for a heat map."""
    return {
        one["title"]: {kind: ended(failure) for kind, failure in one["failures"].items()}
        for one in ROWS.values()
        if one["failures"]
    }


def instead(titles):
    """A Table of what the synthesizer read in the place of the figures."""
    rows = [
        (title, kind, " ".join(failure["read_instead"].split()) or "(nothing)")
        for title, failures in each("failures").items()
        for kind, failure in failures.items()
        if title in titles and ended(failure) in SILENT
    ]
    return table(rows, ["system", "failure", "what its synthesizer read"])


def names_of(feature="approval"):
    """A Table of each framework's name for a feature, and whether it is there."""
    rows = []
    for framework, one in NAMES.items():
        name, there = one["names"].get(feature, ["", "not looked at"])
        title = ROWS[framework]["title"] if framework in ROWS else framework
        there = {"extra": "not in the plain installation"}.get(there, there)
        rows.append((title, one["version"], name.replace(":", "."), there))
    return table(rows, ["framework", "version", "name", "there?"])


def feature_table(did):
    """A Table with a row for each feature: what the course did, whose package has a name for it."""
    signs = {"yes": "✓", "extra": "+", "no": "✗"}
    rows = []
    for feature, works in did.items():
        named = [signs.get(one["names"].get(feature, ["", ""])[1], "") for one in NAMES.values()]
        if feature == MEASURED_TOO:
            named = [{True: "✓", False: "✗", None: ""}[names_gap(name)] for name in NAMES]
        rows.append((feature, "✓" if works else "✗", *named))
    titles = [ROWS[name]["title"] if name in ROWS else name for name in NAMES]
    return table(rows, ["feature", "the course", *titles])


MEASURED_TOO = "a dead worker is named"


def names_gap(system):
    """True if a system named the gap each time that a worker was dead; None if nobody looked."""
    failures = (ROWS.get(system) or {}).get("failures") or {}
    ends = [ended(failures[kind]) for kind in DEAD if kind in failures]
    return ends == ["names it"] * len(DEAD) if ends else None


DEAD = ("500 always", "400 always")


def hosts():
    """A Table of where each tries to send something that you didn't ask for."""
    rows = []
    for one in ROWS.values():
        telemetry = one["telemetry"]
        if telemetry is not None:
            tried = ", ".join(telemetry["hosts"]) or "nowhere"
            rows.append((one["title"], tried, telemetry["off_by"]))
    return table(rows, ["system", "tries to reach", "switched off by"])


def recordings():
    """A Table of what our transport recorded of each, and how it got in; or why it didn't."""
    rows = []
    for one in ROWS.values():
        recording = one["recording"] or {"recorded": None, "requests": ""}
        said = {True: "yes", False: "no", None: "?"}[recording["recorded"]]
        how = (
            recording["how"] if recording["recorded"] else recording.get("reason") or "not measured"
        )
        rows.append((one["title"], said, recording["requests"], how))
    return table(rows, ["system", "recorded", "requests", "how"])


def within(packages=60, megabytes=100, may_be_silent=False, may_call=False):
    """A Table of the systems that keep these limits, by what was measured."""
    rows = []
    for one in ROWS.values():
        silent = any(ended(failure) in SILENT for failure in one["failures"].values())
        calls = bool(one["telemetry"] is None or one["telemetry"]["hosts"])
        light = one["packages"] <= packages and one["megabytes"] <= megabytes
        if light and silent <= may_be_silent and calls <= may_call:
            rows.append((one["title"], one["packages"], one["megabytes"], silent, calls))
    return table(rows, ["system", "packages", "megabytes", "silent", "calls out"])


# What a tutorial of 2026 on the orchestrator-worker pattern says, in our words: of raw asyncio, of
# LangGraph and CrewAI, of AutoGen.
SAID = {
    "lines": ("about 150", "80 to 100", "about 120"),
    "packages": ("1", "12 to 25", "30 and more"),
    "minutes to a first run": ("5", "30 to 60", "45 to 90"),
    "routing": ("by hand", "built in", "built in"),
    "a person approves": ("by hand", "built in", "built in"),
    "finding a bug": ("in your lines", "in the framework", "in the framework"),
    "lock-in": ("hardly any", "high", "high"),
}
COMPARED = ("raw_sdk", "langgraph", "crewai", "agent_framework")


def said_and_measured(did):
    """A Table: what the tutorial says, and what is measured here."""
    some = {name: ROWS[name] for name in COMPARED if name in ROWS}

    def numbers(*path):
        return "; ".join(f"{title} {value}" for title, value in each(*path, of=some).items())

    def named(feature):
        return "; ".join(
            f"{ROWS[name]['title']} {NAMES[name]['names'][feature][0].rpartition(':')[2]}"
            for name in COMPARED
            if name in ROWS and feature in NAMES.get(name, {"names": {}})["names"]
        )

    ours = {True: "the course did it", False: "the course can't"}
    found = {
        "lines": numbers("lines"),
        "packages": numbers("packages"),
        "routing": f"{named('routing')}; {ours[did['routing']]}",
        "a person approves": f"{named('approval')}; {ours[did['approval']]}",
    }
    rows = [(what, *said, found.get(what, "not measured")) for what, said in SAID.items()]
    return table(rows, ["", "raw asyncio", "LangGraph, CrewAI", "AutoGen", "here"])
