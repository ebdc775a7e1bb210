"""Settings of the web pages that `start.py site` writes.

Sphinx starts at the folder above this one, for the pages are those of the whole course. What is
done to them beyond these settings is in course_pages.py.
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

project = html_title = "Multi-agent systems, step by step"
root_doc = "README"
include_patterns = ["*.md", "notebooks/*.ipynb", "notebooks/*.md"]
include_patterns += [
    f"{folder}/**.md" for folder in ("benchmarks", "docs", "examples", "teaching", "tools")
]
exclude_patterns = [".*", "**/.*", "site"]  # what git and this command keep to themselves
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode"]
extensions += ["course_pages"]

nb_execution_mode = "off"  # the outputs are the stored ones
nb_ipywidgets_js = {}  # else a page with a widget loads scripts from elsewhere
suppress_warnings = ["ref.python"]  # several things have a `.reply`: the first is meant
myst_heading_anchors = 4
smartquotes = False  # what stands in a lesson is what a learner types

default_role = "py:obj"  # `name` in a docstring leads to it
autosummary_generate = False
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_inherit_docstrings = False  # those of other people's classes are in a markup of their own
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
add_module_names = False
python_maximum_signature_line_length = 90

html_theme = "furo"
pygments_dark_style = "github-dark"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_domain_indices = False  # the contents of the reference lists the modules
html_copy_source = False
html_show_copyright = html_show_sphinx = False
html_show_search_summary = False  # a page that is opened as a file may not read other files
