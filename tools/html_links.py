"""What a finished page of the HTML edition holds, read back from its HTML: the links to try, the text to search."""

import posixpath
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LOADS = {"src", "srcset", "poster", "data", "background", "action", "formaction"}
APART = {"p", "li", "td", "th", "tr", "div", "pre", "table", "br", "summary", "details", "blockquote", "h4", "h5", "h6"}
SECTIONS = {"h1", "h2", "h3"}
UNSEARCHED = {"output", "anchor", "turn", "about"}  # classes: not the lesson's own words
STYLED = re.compile(r"""(?:url\(|@import)\s*['"]?\s*((?:https?:|//)[^)'";\s]*)""", re.I)


class Finished(HTMLParser):
    """`ids`, `links` (href of a), `loads` (all else that a browser fetches), `sections` as (anchor, heading, text)."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.loads, self.sections = [], [], [], []
        self.inside = self.heading = False
        self.skipped, self.depth = None, 0
        self.feed(html)
        self.close()
        self.sections = [[anchor, *(" ".join("".join(t).split()) for t in texts)] for anchor, *texts in self.sections]

    def handle_starttag(self, tag, attributes):
        has = {name: value or "" for name, value in attributes}
        self.ids += [has["id"]] if "id" in has else []
        self.loads += STYLED.findall(has.get("style", ""))
        for name in (name for name in has if name == "href" or name in LOADS):
            (self.links if (tag, name) == ("a", "href") else self.loads).append(has[name])
        self.inside |= tag == "main"
        if self.depth:
            self.depth += tag == self.skipped
        elif UNSEARCHED & set(has.get("class", "").split()):
            self.skipped, self.depth = tag, 1
        elif self.inside and tag in SECTIONS and "id" in has:
            self.heading = True
            self.sections.append((has["id"], [], []))
        self.part(tag)

    def handle_endtag(self, tag):
        self.depth -= bool(self.depth and tag == self.skipped)
        self.inside &= tag != "main"
        self.heading &= tag not in SECTIONS
        self.part(tag)

    def part(self, tag):
        if tag in APART:
            self.handle_data(" ")

    def handle_data(self, text):
        if self.cdata_elem:  # <style> or <script>
            self.loads += STYLED.findall(text)
        elif self.inside and not self.depth and self.sections:
            self.sections[-1][1 if self.heading else 2].append(text)


def faults(files, pages):
    """A sentence for each link, anchor or resource of the finished pages that is not where it says."""
    for name, page in pages.items():
        for url in [*page.links, *page.loads]:
            parts = urlsplit(url)
            if parts.scheme in ("http", "https", "mailto") and url in page.links or parts.scheme == "data":
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            target = target if parts.path else name
            if parts.scheme or parts.netloc:
                yield f"{name} loads {url} from elsewhere; the edition must be whole offline."
            elif target not in files:
                yield f"{name} links to {url}, and the edition has no such page."
            elif parts.fragment and unquote(parts.fragment) not in pages[target].ids:
                yield f"{name} links to {url}, and {target} has no such heading."
