"""The README is true: its code gives its output, its picture is today's, its links and commands
exist.
"""

import contextlib
import io
import re

import pytest

from mas_helpers.course.notebooks import read_notebook


@pytest.fixture
def readme(home):
    return (home / "README.md").read_text(encoding="utf-8")


def test_its_code_prints_what_it_says(readme):
    code = re.search(r"```python\n(.+?)```", readme, re.S).group(1)
    promised = re.search(r"```\n(.+?)```", readme.split(code)[1].split("```", 1)[1], re.S).group(1)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, {})
    assert printed.getvalue() == promised


def test_each_picture_of_a_page_is_what_a_lesson_shows(home, monkeypatch):
    monkeypatch.syspath_prepend(str(home / "tools"))
    import head_pictures

    for name in head_pictures.PICTURES:
        files, drawn = head_pictures.files_of(name), head_pictures.draw(name)
        head = home / "notebooks" / f"{name}.ipynb"
        assert drawn[0] == files[0].read_text(encoding="utf-8"), name
        assert files[1].exists() == head.exists(), name
        if head.exists():
            assert drawn[1] == files[1].read_text(encoding="utf-8"), name
            text = read_notebook(head)["cells"][0]["source"]
            assert head_pictures.fill_head(name, text) == text, name


def test_no_lesson_has_a_picture_in_its_text_that_shrinks(home):
    """Lesson heads hold two images, of which one fits; an image of Markdown would shrink."""
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        for cell in read_notebook(path)["cells"]:
            if cell["cell_type"] == "markdown":
                assert re.findall(r"!\[[^]]*\]\([^)]*\)", cell["source"]) == [], path.name
                images = re.findall(r"<img [^>]*>", cell["source"])
                assert len(images) == cell["source"].count("width:clamp(0px,"), path.name


def test_its_moving_picture_is_what_the_run_gives_today(home, monkeypatch):
    monkeypatch.syspath_prepend(str(home / "tools"))
    import ask_animation

    assert ask_animation.draw() == ask_animation.PICTURE.read_text(encoding="utf-8")


def test_its_links_lead_somewhere(home, readme):
    for target in re.findall(r"\]\(([^)#]+)\)", readme):
        assert target.startswith("http") or (home / target).exists(), target


def test_its_map_names_every_lesson_and_links_those_that_are_there(home, readme):
    linked = re.findall(r"\[(\d\d) [^]]+\]\(notebooks/(\d\d)_\w+\.ipynb\)", readme)
    lessons = [path.name[:2] for path in sorted((home / "notebooks").glob("*.ipynb"))]
    assert [number for number, _ in linked] == lessons
    table = readme.split("## The map")[1].split("\n## ")[0]
    assert re.findall(r"\b(\d\d) [a-z]", table) == lessons


def test_its_commands_are_those_that_exist(home, readme):
    for package in re.findall(r"python -m (mas_\w+)", readme):
        assert (home / package / "__main__.py").is_file(), package
    for script in re.findall(r"python3? ((?:start|tools/\w+|benchmarks/\w+)\.?(?:py)?)", readme):
        assert (home / script).is_file() or script == "start", script
    assert (home / ".ci" / "run").read_text(encoding="utf-8").splitlines()[
        -1
    ] == "exec python3 start.py test"


def test_it_says_which_licence_code_and_texts_have(home, readme):
    said = readme.split("## Licence")[1]
    assert "[MIT licence](LICENSE)" in said and "[CC BY 4.0](LICENSE-TEXTS)" in said
    assert (home / "LICENSE").read_text("utf-8").startswith("MIT License\n")
    texts = (home / "LICENSE-TEXTS").read_text("utf-8")
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in texts
    named = re.findall(r"[\w/.*]+/(?:[\w.*]+)?", texts.split("are\n")[1].split("In short")[0])
    assert len(named) >= 8
    for place in named:
        assert list(home.glob(place.rstrip("/"))), place


def test_its_table_for_authors_leaves_no_folder_out(home, readme):
    table = readme.split("## For authors")[1].split("\n    python")[0]
    named = {name.strip("/") for name in re.findall(r"`([\w.]+/?)`", table)}
    skipped = {"site", "build", "dist", "workshop"}  # what commands write
    folders = {
        path.name
        for path in home.iterdir()
        if path.is_dir()
        and not path.name.startswith((".", "__"))
        and not (path / "pyproject.toml").exists()  # a reader's own, of start.py new
    }
    assert folders - skipped <= named
    for page in ("CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"):
        assert f"]({page})" in table
