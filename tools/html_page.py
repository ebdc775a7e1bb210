"""One page of the HTML edition: a lesson, a text in Markdown or a source file, with its links turned into pages."""

import json
import posixpath
import re
from html import escape, unescape
from urllib.parse import quote, unquote, urlsplit

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

AS_IT_IS = (".svg", ".png", ".jpg", ".gif", ".pdf", ".html")  # copied; all else becomes a page
TURNED = (".ipynb", ".md")
WIDE = 76  # a longer line does not fit into a fold beside the contents: the keyboard must be able to scroll it
GUESS = "compare(my_guess"  # a prediction: what came out waits below a fold
HREF = re.compile(r"""(<a\b[^>]*?\bhref=)"([^"]*)\"""", re.I)
PLUGINS = ["table", "strikethrough", "url", "task_lists"]  # no math: a dollar is money here


def out(source):
    """Where a file of the course is in the edition: `notebooks/01_agent.ipynb` as `notebooks/01_agent.html`."""
    stem, suffix = posixpath.splitext(source)
    return source if suffix in AS_IT_IS else stem + ".html" if suffix in TURNED else source + ".html"


def way(page, target):
    """The link from one file of the edition to another: `../search.html`."""
    return quote(posixpath.relpath(target, posixpath.dirname(page) or "."))


class Page(mistune.HTMLRenderer):
    """`body` in HTML, `title`, `headings` as (level, id, text); `wanted`: the files it links to; `wrong`: bad links."""

    def __init__(self, root, source):
        super().__init__(escape=False)
        self.root, self.source = root, source
        self.headings, self.wanted, self.wrong, self.taken = [], [], [], {"page-text", "page-contents", "page-foot"}
        self.markdown = mistune.create_markdown(renderer=self, plugins=PLUGINS)
        text = (root / source).read_text("utf-8")
        if source.endswith(".ipynb"):
            self.body = "\n".join(self.cell(cell) for cell in json.loads(text)["cells"])
        elif source.endswith(".md"):
            self.body = self.markdown(text)
        else:
            self.body = self.heading(escape(source), 1) + code_block(text, lexer_of(get_lexer_for_filename, source))
        self.title = self.headings[0][2] if self.headings else source

    def cell(self, cell):
        text = "".join(cell["source"])
        if cell["cell_type"] != "code":
            return self.markdown(text)
        shown = self.relinked("".join(map(output_block, cell["outputs"])))
        if shown and GUESS in text:
            shown = f"<details><summary>Make your guess, then open</summary>\n{shown}</details>\n"
        return code_block(text, lexer_of(get_lexer_by_name, "python")) * bool(text.strip()) + shown

    def heading(self, text, level, **attributes):
        plain = unescape(re.sub(r"<[^>]+>", "", text))
        name = anchor = self.anchor(plain)
        number = 0
        while anchor in self.taken:
            number += 1
            anchor = f"{name}-{number}"
        self.taken.add(anchor)
        self.headings.append((level, anchor, plain))
        link = f'<a class="anchor" href="#{quote(anchor)}" aria-label="Link to this section">#</a>' * (level > 1)
        return f'<h{level} id="{escape(anchor)}">{text}{link}</h{level}>\n'

    def anchor(self, text):
        """The anchor as JupyterLab makes it, and in Markdown files as code hosts do, for the links expect that."""
        if self.source.endswith(".ipynb"):
            return text.replace(" ", "-")
        return re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")

    def link(self, text, url, title=None):
        return super().link(text, self.target(url), title)

    def image(self, text, url, title=None):
        return super().image(text, self.target(url), title)

    def block_html(self, html):
        return self.relinked(super().block_html(html))

    def inline_html(self, html):
        return self.relinked(super().inline_html(html))

    def relinked(self, html):
        return HREF.sub(lambda found: f'{found[1]}"{escape(self.target(unescape(found[2])))}"', html)

    def target(self, url):
        """The address in the edition of what a link of the course leads to."""
        parts = urlsplit(url)
        anchor = parts.fragment and "#" + quote(unquote(parts.fragment))
        if parts.scheme or parts.netloc or not parts.path:
            return anchor or url
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.source), unquote(parts.path)))
        if (self.root / target).is_dir():
            target += "/README.md"
        if target.startswith("../") or not (self.root / target).is_file():
            self.wrong.append(f"{self.source} links to {url}, and there is no such file.")
            return url
        self.wanted.append(target)
        return way(out(self.source), out(target)) + anchor

    def block_code(self, code, info=None):
        if not info:
            return f'<pre class="code words"><code>{escape(code)}</code></pre>\n'
        return code_block(code, lexer_of(get_lexer_by_name, info.split()[0]))

    def table(self, text):
        return f'<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n{text}</table></div>\n'

    def table_cell(self, text, align=None, head=False):
        style = f' style="text-align:{align}"' if align else ""
        return f'<th scope="col"{style}>{text}</th>\n' if head and text.strip() else f"<td{style}>{text}</td>\n"


def lexer_of(find, name):
    try:
        return find(name)
    except ClassNotFound:
        return TextLexer()


def code_block(code, lexer):
    focus = ' tabindex="0"' if max(map(len, code.splitlines()), default=0) > WIDE else ""
    return f'<pre class="code"{focus}><code>{highlight(code, lexer, HtmlFormatter(nowrap=True))}</code></pre>\n'


def output_block(output):
    """A stored output: its HTML or picture if it has one, else its text."""
    data = {kind: "".join(text) for kind, text in output.get("data", {}).items() if isinstance(text, str | list)}
    if "text/html" in data:
        return f'<div class="output wide" tabindex="0" role="group" aria-label="Output">{data["text/html"]}</div>\n'
    text = data.get("text/plain") or "".join(output.get("text") or output.get("traceback") or [])
    if "image/png" in data:
        picture = "".join(data["image/png"].split())
        return f'<div class="output wide"><img src="data:image/png;base64,{picture}" alt="{escape(text)}"></div>\n'
    return f'<pre class="output">{escape(text)}</pre>\n'
