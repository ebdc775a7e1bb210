"""What is done to the course's pages beyond Sphinx's settings; no file of the course changes.

Lessons get a line that says who answered, and links from names of the package to its reference,
whose pages follow the folders of the package. The README's map becomes cards, and the search gets
the prose of every section, for it knows single words only.
"""

import html
import importlib
import inspect
import json
import re
import shutil
import urllib.parse
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.util.logging import getLogger
from sphinx.util.matching import patfilter

from mas_helpers.course.course_map import read_course

logger = getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
API = "docs/api"
STAND_IN = """a **stand-in model**: the authors of the course wrote them. They are not
Claude's, and no evidence of what a model would say"""
MAP = re.compile(r"^\| \| lesson \|.*\n(?:\|.*\n)+", re.M)
MAP_ROW = re.compile(
    r"^\| (.*?) ?\| \[.+?\]\((notebooks/(\d\d)_\w+)\.ipynb\) .* \| (.+?) \|$", re.M
)
NOT_PROSE = nodes.section, nodes.title, nodes.container, nodes.literal_block, nodes.raw
WIDGET = "application/vnd.jupyter.widget-view+json"
CONTENTS = {  # page: the captions below it in the contents, and the pages of each that are there
    "README": {
        "Lessons": ["notebooks/*"],
        "For your own project": ["examples/README", f"{API}/mas_helpers"],
        "For teachers": ["teaching/README"],
        "For authors": ["CONTRIBUTING"],
    },
    "CONTRIBUTING": {"": ["docs/*", "CHANGELOG", "SECURITY", "benchmarks/*", "tools/**"]},
    "teaching/README": {"": ["teaching/lessons/*", "teaching/hub/*"]},
    "examples/README": {"": ["examples/**"]},
}
KINDS = {
    "teaching/lessons": "for the teacher",
    "teaching/sheets": "sheet",
}  # three pages, one title


def setup(app):
    app.connect("builder-inited", write_reference)
    app.connect("source-read", read_page)
    app.connect("autodoc-skip-member", keep_undocumented)
    app.connect("autodoc-process-docstring", escape_docstring)
    app.connect("doctree-resolved", link_names)
    app.connect("build-finished", write_texts)
    app.connect("build-finished", copy_first_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# Pages of the course


def read_page(app, name, source):
    """Changes the text of a page after it was read and before it is understood."""
    path = Path(app.env.doc2path(name))
    text = source[0]
    if path.suffix == ".ipynb":
        text = read_lesson(path.stem, json.loads(text))
    if name == app.config.root_doc:
        text = MAP.sub(lay_cards, text)
    folder, stem = PurePosixPath(name).parent, PurePosixPath(name).stem
    if kind := KINDS.get(str(folder)):
        text = re.sub(r"^# .+", rf"\g<0> ({kind})", text, count=1)
    below = CONTENTS.get(name, {})
    if str(folder) == "teaching/lessons":
        below = {"": [f"teaching/sheets/{stem}"]}
    for caption, patterns in below.items():
        options = f":hidden:\n:caption: {caption}" if caption else ":hidden:"
        found = [page for one in patterns for page in sorted(patfilter(app.env.found_docs, one))]
        pages = [page for page in found if page != name]
        text += "\n".join(
            ["\n\n```{toctree}", options, "", *(f"/{page}" for page in pages), "```\n"]
        )
    source[0] = text


def lay_cards(found):
    """The map of the README as cards by part: title, what one builds, minutes, needs."""
    shown = []
    course = read_course(ROOT / "notebooks")
    for part, page, number, builds in MAP_ROW.findall(found[0]):
        if part:
            heading = part.replace("**", "")
            shown += ["</div>\n"] * bool(shown) + [f"### {heading}\n", '<div class="cards">']
        lesson = course[number]
        words = re.sub(r"`(.+?)`", r"<code>\1</code>", html.escape(builds))
        small = f"{lesson.read} min to read, {lesson.practise} to practise"
        if lesson.needs:
            small += f"; needs {', '.join(lesson.needs)}"
        title = html.escape(lesson.title)
        card = f"<strong>{title}</strong><span>{words}</span><small>{small}</small>"
        shown.append(f'<a class="card" href="{page}.html">{card}</a>')
    return "\n".join([*shown, "</div>\n\n"])


def read_lesson(name, notebook):
    """The lesson as text, with the line about its replies and links to pages."""
    for number, cell in enumerate(notebook["cells"]):
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            for output in cell["outputs"]:
                shown = output.get("data", {})
                shown.pop(WIDGET, None)  # it needs a kernel: what is stored beside it is shown
                if "text/html" in shown:
                    shown["text/html"] = link_pages("".join(shown["text/html"]))
        else:
            if number == 0:
                title, _, rest = text.partition("\n")
                text = f"{title}\n\n{say_who_answered(name)}\n\n{inline_pictures(rest)}"
            cell["source"] = link_anchors(text)
    return json.dumps(notebook)


def say_who_answered(lesson):
    """A box for the head of a lesson."""
    recording = ROOT / "notebooks" / "recordings" / f"{lesson}.yaml"
    if recording.exists():
        source = re.search(r"^source: (\S+)", recording.read_text("utf-8"), re.M)[1]
        who = STAND_IN if source == "stand-in" else "the API"
        words = (
            f"The replies on this page are from {who} (`source: {source}` in `{recording.name}`)."
        )
    else:
        words = "No model: this lesson has no recording, its replies come from a function."
    run = "Nothing runs on this page; [this is how to run the lesson](../README.md)."
    return f"```{{admonition}} Who answers here?\n{words} {run}\n```"


def inline_pictures(markdown):
    """The Markdown with the files of its images in it: Sphinx copies none that HTML names."""

    def inline(found):
        svg = (ROOT / "notebooks" / found[1]).read_text(encoding="utf-8")
        return f'src="data:image/svg+xml,{urllib.parse.quote(svg)}"'

    return re.sub(r'(?<=<img )src="([^":]+\.svg)"', inline, markdown)


def link_pages(output):
    """The HTML of an output, with its links to notebooks turned into links to their pages."""
    for name in re.findall(r'<a\b[^>]*\bhref="([^":#]+)', output):
        if not (ROOT / "notebooks" / name).exists():
            logger.warning("an output links to %s, and there is no such file", name)
    return re.sub(r'(<a\b[^>]*\bhref="[^":#]+)\.ipynb(?=["#])', r"\1.html", output)


def link_anchors(markdown):
    """JupyterLab names an anchor `#What-it-is`, the pages `#what-it-is`."""
    anchor = re.compile(r"(\]\([^()\s]*#)([^()\s]+)(?=\))")
    return anchor.sub(lambda link: link[1] + re.sub(r"[^\w-]", "", link[2].lower()), markdown)


# The reference of the package


def write_reference(app):
    """Writes a page for each public module; `automodule` fills it."""
    folder = ROOT / API
    files = sorted((ROOT / "mas_helpers").rglob("*.py"))
    modules = [module_of(path) for path in files if path.stem != "__main__"]
    pages = {folder / f"{module}.md": reference_page(module, modules) for module in modules}
    folder.mkdir(parents=True, exist_ok=True)
    for path in set(folder.iterdir()) - pages.keys():
        path.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reference_page(module, modules):
    """The text of a module's page: what it defines; for a package, its modules and exports too."""
    inside = [name for name in modules if name.rpartition(".")[0] == module]
    title = module if "." in module else "Reference"
    lines = [
        f"# {title}",
        "",
        "```{eval-rst}",
        f".. automodule:: {module}",
        "   :ignore-module-all:",
    ]
    lines += ["", ".. currentmodule:: None"]
    for heading, names in {"Modules": inside, "Names": exported(module)}.items():
        if names:
            lines += ["", f".. rubric:: {heading}", ".. autosummary::", "   :nosignatures:", ""]
            lines += [f"   ~{name}" for name in names]
    lines += ["```", "", "```{toctree}", ":hidden:", ""]
    return "\n".join([*lines, *(f"{name.rpartition('.')[2]} <{name}>" for name in inside), "```"])


def exported(module):
    """Where the names that a package exports are defined."""
    package = importlib.import_module(module)
    if not hasattr(package, "__path__"):
        return []
    found = [getattr(package, name) for name in getattr(package, "__all__", [])]
    return [
        f"{one.__module__}.{one.__qualname__}"
        for one in found
        if inspect.isclass(one) or inspect.isfunction(one)
    ]


def keep_undocumented(app, kind, name, thing, skip, options):
    """False, which keeps it, for public classes and functions: an error's name may say it all."""
    public = kind == "module" and not name.startswith("_")
    return False if public and (inspect.isclass(thing) or inspect.isfunction(thing)) else None


def escape_docstring(app, kind, name, thing, options, lines):
    """Docstrings are plain text with names in backticks, and code set in by four columns."""
    before, in_code, shown = "", False, []
    for line in lines:
        if line.startswith("    ") and not before.strip() and not in_code:
            in_code = True
            shown += ["::", ""]
        in_code = in_code and line[:1] in ("", " ")
        shown.append(line if in_code else escape(line))
        before = line
    lines[:] = shown


def escape(line):
    """The line with all that reStructuredText would take for markup escaped, but for `names`."""
    parts = re.split(r"(`[^`]*`)", line)
    parts[::2] = [re.sub(r"([*|_\\])", r"\\\1", part) for part in parts[::2]]
    parts[2::2] = [re.sub(r"^(?=\w)", r"\\ ", part) for part in parts[2::2]]
    return "".join(parts)


def link_names(app, tree, page):
    """In lessons and texts, a name of the package in backticks becomes a link to its reference."""
    if page.startswith(API):
        return drop_bases(tree)
    places = named_places(app.env.domains["py"].objects)
    for literal in list(tree.findall(nodes.literal)):
        call = re.fullmatch(r"([\w.]+)(\(.*\))?", literal.astext())
        place = places.get(call[1]) if call else None
        if place and not inside(literal, nodes.title, nodes.reference):
            uri = f"{app.builder.get_relative_uri(page, place.docname)}#{place.node_id}"
            link = nodes.reference("", "", internal=True, refuri=uri, classes=["api"])
            literal.replace_self(link)
            link += literal


def drop_bases(tree):
    """Every class is an object: a reference need not say so."""
    for line in [one for one in tree.findall(nodes.paragraph) if one.astext() == "Bases: object"]:
        line.parent.remove(line)


def named_places(objects):
    """The places of names as lessons write them, `Agent` or `Agent.run`; a name of two has none."""
    places = {}
    for full, place in objects.items():
        parts = 2 if place.objtype in ("method", "attribute", "property") else 1
        if place.objtype != "module" and not place.aliased:
            places.setdefault(".".join(full.split(".")[-parts:]), []).append(place)
    return {name: found[0] for name, found in places.items() if len(found) == 1}


def inside(node, *kinds):
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def write_texts(app, error):
    """Writes the prose of each section, with the place where it stands, for the search."""
    if error:
        return
    places = []
    for page in sorted(app.env.found_docs):
        if page.startswith((API, "teaching/sheets")):
            continue
        tree = app.env.get_doctree(page)
        title = app.env.titles[page].astext()
        for section in tree.findall(nodes.section):
            prose = [one.astext() for one in section if not isinstance(one, NOT_PROSE)]
            if prose:
                heading = section.next_node(nodes.title).astext()
                name = title if heading == title else f"{title}: {heading}"
                uri = f"{app.builder.get_target_uri(page)}#{section['ids'][0]}"
                places.append([uri, name, " ".join(" ".join(prose).split())])
    text = json.dumps(places, ensure_ascii=False)
    Path(app.outdir, "_static", "texts.js").write_text(f"var COURSE_TEXTS = {text};\n", "utf-8")


def copy_first_page(app, error):
    """A web server and a reader look for index.html."""
    if not error:
        first = Path(app.outdir, f"{app.config.root_doc}.html")
        shutil.copyfile(first, first.with_name("index.html"))
