"""What benchmarks share: writes what one measured into benchmarks/README.md, with the day and the
machine; makes an environment of its own for what is measured.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

README = Path(__file__).with_name("README.md")
PACKAGES = ("anthropic", "httpx2", "aiohttp")
NOT_RUN = "Not run yet."


def options_for(text):
    """A parser of a benchmark's options: the text is its help, and `--write` is there."""
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="also into benchmarks/README.md")
    return parser


class Report:
    """Prints what a benchmark finds. Make it first: the load is what other programs do."""

    def __init__(self, name):
        self.name, self.about, self.lines = name, about_this_machine(), []

    def print(self, line=""):
        print(line, flush=True)
        self.lines.append(line)

    def save(self):
        """Into the README, in place of what this benchmark said before."""
        command = " ".join(["python", f"benchmarks/{self.name}.py", *sys.argv[1:]])
        write_section(self.name, f"{machine_line(self.about)}\n\n{fenced([command, *self.lines])}")


def make_venv(folder, *packages):
    """The Python of a new venv that has these packages."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def about_this_machine():
    """`{"date": "2026-11-27", "cpu": "AMD EPYC", "cores": 2, "system": "Linux", …}`; the load is
    the average of the last minute, None where it isn't counted (Windows).
    """
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := installed_version(name))},
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def cpu_model():
    """`"AMD EPYC"`, or what Python knows of it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def installed_version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def machine_line(about):
    """`"2026-11-27: AMD EPYC, 2 cores, Linux, Python 3.11.7, anthropic 2.14.0, …"`."""
    packages = [f"{name} {found}" for name, found in about.get("packages", {}).items()]
    parts = [about.get("cpu"), f"{about['cores']} cores", about["system"]]
    parts += [f"Python {about['python']}", *packages]
    if about.get("load") is not None:
        parts.append(f"load average {about['load']} at the start")
    return f"{about['date']}: {', '.join(filter(None, parts))}."


def fenced(lines):
    return "\n".join(["```text", *(str(line).rstrip() for line in lines), "```"])


def write_section(name, text):
    """Replaces what is between the markers of that benchmark. Raises KeyError if it has none."""
    was = README.read_text(encoding="utf-8")
    if name not in read_sections(was):
        raise KeyError(f"{README.name} has no markers {' … '.join(markers_of(name))}")
    begin, end = markers_of(name)
    before, after = was.split(begin)[0], was.split(end)[1]
    README.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


def read_sections(text):
    """What stands between the markers: `{"bench": "Not run yet."}`."""
    found = re.findall(r"<!-- figures of (\w+) -->\n(.*?)\n<!-- end of (\w+) -->", text, re.DOTALL)
    return {name: figures for name, figures, end in found if name == end}


def markers_of(name):
    return f"<!-- figures of {name} -->", f"<!-- end of {name} -->"
