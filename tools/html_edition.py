"""Write the course as web pages, to read without Jupyter and offline: python start.py site [--to FOLDER].

The lessons are shown with their stored outputs: nothing is run. What the README or a lesson links to becomes a page
too. Every link and anchor is tried before a file is written, and no page loads anything from elsewhere.
"""

import argparse
import json
import re
import sys
from html import escape
from pathlib import Path, PurePosixPath
from string import Template
from urllib.parse import quote

from html_links import Finished, faults
from html_page import AS_IT_IS, Page, out, way

ROOT = Path(__file__).resolve().parents[1]
PAGES = Path(__file__).with_name("pages")
COURSE = "Multi-agent systems, step by step"
MADE = "made-by-start-py-site.txt"  # lists the files of an edition; a folder without it is somebody else's
ROW = re.compile(r"^\|(.*?)\|\s*\[[^]]+\]\((notebooks/[^)]+\.ipynb)\)\s*\|(.*)\|\s*$", re.M)
SAID = ("The question", "Minutes")
STAND_IN = (
    "are recorded ones of a stand-in model: the authors of the course wrote them. They are not Claude's, and no "
    "evidence of what a model would say."
)


class Refused(Exception):
    """Why no edition was written."""


def main(arguments=None):
    """The exit code: 0, 1 with sentences that say what failed, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=ROOT / "site", metavar="FOLDER", help="default: site")
    folder = parser.parse_args(arguments).to.resolve()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a folder or a heading may have letters that a terminal lacks
    try:
        check(folder)
        print("Turning the course into web pages. Nothing is run: the outputs are the stored ones.", flush=True)
        files, links = edition(ROOT)
        write(folder, files)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except (Refused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    pages, size = sum(name.endswith(".html") for name in files), sum(map(len, files.values())) / 1e6
    print(f"{pages} pages, {size:.1f} MB. Each of their {len(links):,} links and anchors leads where it says.")
    if abroad := sorted({link for link in links if link.startswith("http")}):
        print(f"Of these, not tried, for they lead out of the course: {', '.join(abroad)}")
    print(f"Open this in a browser, or copy the folder to a phone: {folder / 'index.html'}")
    return 0


def check(folder):
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file. Name a folder: python start.py site --to FOLDER")
    if folder.is_dir() and not (folder / MADE).is_file() and any(folder.iterdir()):
        raise Refused(f"{folder} holds files that this command did not make, so it is left alone. Name a new folder.")


def write(folder, files):
    """Writes the edition over an older one; no other file in the folder is touched."""
    made = folder / MADE
    old = set(made.read_text("utf-8").splitlines()) if made.exists() else set()
    folder.mkdir(parents=True, exist_ok=True)
    made.write_bytes("".join(f"{name}\n" for name in sorted(old | files.keys())).encode())  # an end may come midway
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name in sorted(old - files.keys()):
        if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts:
            (folder / name).unlink(missing_ok=True)
    made.write_bytes("".join(f"{name}\n" for name in sorted(files)).encode())


def edition(root):
    """The files of the edition by name, and every link in them. Raises Refused where one leads nowhere."""
    shell = Shell(root)
    files = {name: (PAGES / name).read_bytes() for name in ("style.css", "search.js")}
    files |= {name: (root / name).read_bytes() for name in shell.copied}
    files["index.html"] = shell.around("index.html", "Contents", shell.front())
    files["search.html"] = shell.around("search.html", "Search", (PAGES / "search.html").read_text("utf-8"))
    for name, page in shell.pages.items():
        files[out(name)] = shell.around(out(name), page.title, page.body, page)
    files["search-index.js"] = b""
    read = {name: Finished(text.decode()) for name, text in files.items() if name.endswith(".html")}
    wrong = [fault for page in shell.pages.values() for fault in page.wrong] or [*faults(files, read)]
    if wrong:
        raise Refused("\n".join(dict.fromkeys(wrong)) + "\nNothing was written. Mend the links first.")
    order = [*shell.lessons, *(name for name in shell.pages if name not in shell.lessons)]
    found = [[out(name), shell.pages[name].title, *part] for name in order for part in read[out(name)].sections]
    files["search-index.js"] = f"const SECTIONS = {json.dumps(found, ensure_ascii=False, indent=0)};\n".encode()
    return dict(sorted(files.items())), [link for page in read.values() for link in page.links]


class Shell:
    """All pages of the course, and what stands around each: the contents, the way on, where the replies come from."""

    def __init__(self, root):
        self.root, self.template = root, Template((PAGES / "page.html").read_text("utf-8"))
        self.readme = (root / "README.md").read_text("utf-8")
        recordings = sorted((root / "notebooks" / "recordings").glob("*.yaml"))
        self.asked = {f"notebooks/{recording.stem}.ipynb": asked(recording) for recording in recordings}
        self.rows = [tuple(map(str.strip, row)) for row in ROW.findall(self.readme)]
        self.lessons = [lesson for _, lesson, _ in self.rows]
        self.pages, self.copied = {}, []
        wanted = ["README.md", *self.lessons]
        for name in wanted:  # it grows: what a page links to is wanted too
            if name.endswith(AS_IT_IS):
                self.copied.append(name)
            elif name not in self.pages:
                self.pages[name] = Page(root, name)
                wanted += self.pages[name].wanted
        self.pages["README.md"].title = "About the course"
        titles = {self.pages[lesson].title for lesson in self.lessons}
        for name, page in self.pages.items():
            if name not in self.lessons and page.title in titles:
                page.title += f" ({PurePosixPath(name).parent})"  # a window, a result of the search: which one is it?
            titles.add(page.title)
        about = [name for name in self.pages["README.md"].wanted if name.endswith(".md")]
        self.texts = ["README.md", *dict.fromkeys(about)]

    def around(self, name, title, body, page=None):
        """The finished page as bytes."""
        source = page.source if page else ""
        lesson, origin = source in self.lessons, self.origin(source)
        top = f'<p class="about">{origin} <a href="#page-foot">How to run the cells</a></p>\n' if lesson else ""
        text = self.template.substitute(
            title=escape(title),
            course=COURSE,
            up=way(name, "index.html").removesuffix("index.html"),
            contents=self.contents(name, page),
            body=top + body + (self.turn(name, source) if lesson else ""),
            origin=origin,
            readme=way(name, "README.html"),
        )
        return text.encode()

    def contents(self, name, page):
        """The list of all lessons, with the parts of the one that is open, and of the texts that the README links."""
        lines = []
        for lesson in self.lessons:
            parts = [part for part in self.pages[lesson].headings if part[0] == 2 and page is self.pages[lesson]]
            inner = "".join(f'<li><a href="#{quote(anchor)}">{escape(text)}</a></li>' for _, anchor, text in parts)
            lines.append(f"<li>{self.to(name, lesson, page)}{f'<ul>{inner}</ul>' * bool(inner)}</li>")
        texts = "\n".join(f"<li>{self.to(name, text, page)}</li>" for text in self.texts)
        return "<ul>\n" + "\n".join(lines) + f"\n</ul>\n<ul>\n{texts}\n</ul>"

    def to(self, name, source, page=None, before="", after=""):
        here = ' aria-current="page"' * (page is self.pages[source])
        title = escape(self.pages[source].title)
        return f'<a href="{way(name, out(source))}"{here}>{before}{title}{after}</a>'

    def turn(self, name, lesson):
        place = self.lessons.index(lesson)
        before, after = self.lessons[:place][-1:], self.lessons[place + 1 :][:1]
        links = [self.to(name, one, before="← ") for one in before] + [self.to(name, one, after=" →") for one in after]
        return f'<nav class="turn" aria-label="Before and next">{"".join(links)}</nav>'

    def origin(self, source=""):
        """Where the replies of this lesson, or else of the course, come from."""
        if source in self.lessons:
            if source not in self.asked:
                return "This lesson has no recording: where a model seems to answer, a function plays it."
            who = self.asked[source]
            words = STAND_IN if who == "stand-in" else f"were recorded from {escape(who)}."
            return f"The replies on this page {words}"
        if set(self.asked.values()) <= {"stand-in"}:
            return f"The replies in this course {STAND_IN}"
        return "Each lesson says at its foot who answered when its replies were recorded."

    def front(self):
        """The first page: each lesson with its question, what you build and its minutes, by the parts of the README."""
        first = Page(self.root, "README.md")
        about = first.markdown(self.readme.split("\n\n")[1])
        lines = [f'<h1 id="page-course">{COURSE}</h1>\n{about}<p>{self.origin()}</p>']
        for name, rows in self.parts():
            lines.append(f'<h2>{escape(name)}</h2>\n<ul class="lessons">')
            for lesson, builds in rows:
                body = self.pages[lesson].body
                said = [re.search(rf"<strong>{what}:</strong> (.+?)(?:\.? <strong>|</p>)", body) for what in SAID]
                question, minutes = (found[1] if found else "" for found in said)
                built = first.markdown(f"**You build** {builds}. **Minutes:** {minutes}.")
                lines.append(f"<li>{self.to('', lesson)}<p>{question}</p>{built}</li>")
            lines.append("</ul>")
        texts = "".join(f"<li>{self.to('', text)}</li>" for text in self.texts)
        return "\n".join([*lines, f"<h2>To read beside it</h2>\n<ul>{texts}</ul>\n"])

    def parts(self):
        """The parts of the map, each by its name with its lessons."""
        parts = []
        for part, lesson, builds in self.rows:
            if part.startswith("**"):
                parts.append((part.strip("*"), [], []))
            elif part:
                parts[-1][1].append(part)
            parts[-1][2].append((lesson, builds))
        return [(f"{name}: {' '.join(words)}", rows) for name, words, rows in parts]


def asked(recording):
    """Who answered when it was made: `stand-in`, `api.anthropic.com`."""
    return re.search(r"^source: (\S+)", recording.read_text("utf-8"), re.M)[1]


if __name__ == "__main__":
    sys.exit(main())
