"""The documents: found by their words, read only within their folder, quoted so that an invention
is caught.
"""

import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from anthropic.lib.tools import ToolError

from mas_helpers.agents.sources import (
    MOST_BYTES,
    Fact,
    build_index,
    corpus_folder,
    corpus_tools,
    documents_in,
    find_unsupported,
    read_inside,
    search_index,
)

DOCUMENTS = {
    "ferry.md": "# The ferry\n\nReport, 2025.\n\nPassengers paid less.",
    "bus.md": "# The bus\n\nLeaflet, 2024.\n\nA passenger pays more for the bus.",
    "tea.md": "# Tea\n\nA note.\n\nThe café serves tea, AND nothing else.",
}


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "corpus"
    home.mkdir()
    for name, text in DOCUMENTS.items():
        (home / name).write_text(text, encoding="utf-8", newline="\n")
    (tmp_path / "secret.md").write_text("the password", encoding="utf-8")
    (tmp_path / "corpus_two").mkdir()
    (tmp_path / "corpus_two" / "other.md").write_text("the other password", encoding="utf-8")
    return home


def test_the_reader_gives_the_whole_text(folder):
    assert read_inside(folder, "ferry.md") == DOCUMENTS["ferry.md"]


def test_line_ends_are_the_same_on_every_machine(folder):
    (folder / "crlf.md").write_bytes(b"one\r\ntwo")
    assert read_inside(folder, "crlf.md") == "one\ntwo"


OUTSIDE = [
    "../secret.md", "..\\secret.md", "../../etc/passwd", "./../secret.md",
    "ferry.md/../../secret.md", "..", ".", "",
    " ", "../corpus_two/other.md", "../corpus/ferry.md", "corpus/ferry.md", "./ferry.md",
    "/etc/passwd", "/ferry.md",
    "//server/share/a.md", "\\\\server\\share\\a.md", "C:\\secret.md", "C:ferry.md", "c:/secret.md",
    "file:///etc/passwd", "~/secret.md", "~root/.bashrc", "$HOME/secret.md", "%USERPROFILE%\\a.md",
    "/dev/zero",
    "/dev/stdin", "/proc/self/environ", "NUL", "CON.md ", "nul.md", "aux.md", "ferry.md:stream",
    "ferry.md::$DATA",
    "ferry.md\x00.txt", "\x00", "ferry.md\n", "ferry.md.", "ferry.md ", " ferry.md", "FERRY",
    "ferry", "ferry.txt",
    "FERRY.md", "Ferry.md", "con.md", "prn.md", "com1.md", "lpt9.md", "FERRY~1.MD",
    ".env", ".md", "..md", "*.md", "ferry.m?", "{ferry,bus}.md", "%2e%2e%2fsecret.md",
    "..%2fsecret.md",
    "\uff0e\uff0e/secret.md", "\u2025/secret.md", "ferry\u202edm.md", "fe\u0301rry.md", "\ud800.md",
    "a" * 300 + ".md", "a" * 100_000, "missing.md", "ferry.md;cat secret.md", "`id`.md", "$(id).md",
    "| cat /etc/passwd", "ferry.md\r", "-rf.md",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_reader_does_not_leave_its_folder(folder, name):
    with pytest.raises(ToolError) as refused:
        read_inside(folder, name)
    said = str(refused.value)
    assert said.startswith("There is no document") and len(said) < 250
    assert str(folder.parent) not in said


def test_a_name_that_the_folder_does_not_list_is_not_opened_whatever_the_disk_says(
    folder, monkeypatch
):
    """A disk of macOS or Windows takes FERRY.md for ferry.md, and Windows has a device named con.md
    everywhere.
    """
    monkeypatch.setattr("os.listdir", lambda path: ["bus.md"])
    assert read_inside(folder, "bus.md") == DOCUMENTS["bus.md"]
    with pytest.raises(ToolError, match="There is no document"):
        read_inside(folder, "ferry.md")


def test_there_are_enough_attacks_by_name():
    assert len(set(OUTSIDE)) >= 40


def linked(link, target):
    try:
        link.symlink_to(target)
    except (OSError, NotImplementedError):
        pytest.skip("this machine lets nobody make links")


@pytest.mark.parametrize(
    "target",
    ["../secret.md", "../corpus_two/other.md", "/etc/passwd", "..", "/dev/zero", "nowhere.md"],
)
def test_a_link_that_leads_out_is_not_followed(folder, target):
    linked(folder / "link.md", target)
    with pytest.raises(ToolError, match="There is no document"):
        read_inside(folder, "link.md")


def test_a_link_within_the_folder_is_followed(folder):
    linked(folder / "link.md", "ferry.md")
    assert read_inside(folder, "link.md") == DOCUMENTS["ferry.md"]


def test_a_chain_of_links_and_a_circle_lead_nowhere(folder):
    linked(folder / "one.md", "two.md")
    linked(folder / "two.md", "../secret.md")
    linked(folder / "round.md", "about.md")
    linked(folder / "about.md", "round.md")
    for name in ("one.md", "two.md", "round.md"):
        with pytest.raises(ToolError, match="There is no document"):
            read_inside(folder, name)


def test_a_folder_that_is_itself_a_link_works(folder, tmp_path):
    linked(tmp_path / "shortcut", folder)
    assert read_inside(tmp_path / "shortcut", "ferry.md") == DOCUMENTS["ferry.md"]


def test_a_folder_with_the_name_of_a_document_is_none(folder):
    (folder / "inner.md").mkdir()
    with pytest.raises(ToolError, match="There is no document"):
        read_inside(folder, "inner.md")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this machine has no named pipes")
def test_a_pipe_does_not_hang_the_reader(folder):
    os.mkfifo(folder / "pipe.md")
    with pytest.raises(ToolError, match="There is no document"):
        read_inside(folder, "pipe.md")


@pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX") or sys.platform == "win32", reason="no sockets in folders here"
)
def test_a_socket_is_no_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # its path must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("s.md")
        with pytest.raises(ToolError, match="There is no document"):
            read_inside(Path("."), "s.md")


@pytest.mark.parametrize(
    "content",
    [
        b"x" * (MOST_BYTES + 1),
        b"a\0b",
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n",
        "é".encode() * MOST_BYTES,
    ],
)
def test_large_and_binary_files_are_not_read(folder, content):
    (folder / "odd.md").write_bytes(content)
    with pytest.raises(ToolError, match="no text, or a very long one"):
        read_inside(folder, "odd.md")


def test_a_document_of_just_the_size_is_read(folder):
    (folder / "full.md").write_bytes(b"x" * MOST_BYTES)
    assert len(read_inside(folder, "full.md")) == MOST_BYTES


def test_words_find_documents_in_whatever_form(folder):
    index = build_index(DOCUMENTS)
    assert search_index(index, "passengers") == search_index(index, "PASSENGER")
    assert set(search_index(index, "passenger")) == {"ferry.md", "bus.md"}
    assert search_index(index, "cafe") == ["tea.md"]
    assert search_index(index, "tea or bus")[0] in ("tea.md", "bus.md")
    assert search_index(index, "whale") == []


QUERIES = [
    "", " ", '"', '""', "'", "*", "(", ")", "AND", "OR", "NOT", "NEAR", "NEAR(a b)", "a AND",
    "^tea", "name:tea",
    "tea*", "-tea", "+tea", "tea)", "tea; DROP TABLE documents", "' OR 1=1 --", "\x00", "…",
    "ä ö ü", "café", "🚢",
    "1.5", "a_b", "{name text}: tea", '"tea', 'te"a', "tea\nbus", "%", "_", "?", "\\",
    "select * from documents",
    "x" * 10_000, " ".join(["tea"] * 5_000), "\u202e", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_breaks_the_search(query):
    index = build_index(DOCUMENTS)
    assert set(search_index(index, query)) <= set(DOCUMENTS)
    assert search_index(index, "tea") == ["tea.md"]


@pytest.mark.parametrize(("words_before", "found"), [(29, ["tea.md"]), (30, [])])
def test_of_a_long_query_the_first_thirty_words_count(words_before, found):
    query = " ".join([*(f"absent{n}" for n in range(words_before)), "tea"])
    assert search_index(build_index(DOCUMENTS), query) == found


def test_the_tools_say_what_they_find_and_read(folder):
    search, read_document = corpus_tools(folder)
    assert search("tea") == "tea.md: Tea A note."
    assert search("whale") == "Nothing was found."
    assert read_document("tea.md") == DOCUMENTS["tea.md"]


def test_many_agents_search_at_once(folder):
    search, _ = corpus_tools(folder)
    found = []
    threads = [
        threading.Thread(target=lambda: found.extend(search("tea") for _ in range(50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["tea.md: Tea A note."] * 400


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no document in"):
        corpus_tools(tmp_path)


def fact(document, words):
    return Fact(claim="a claim", document=document, words=words)


def test_words_that_stand_in_the_document_are_no_invention():
    facts = [fact("ferry.md", "Passengers paid less"), fact("bus.md", "a  PASSENGER\npays more")]
    assert find_unsupported(facts, DOCUMENTS) == {}


@pytest.mark.parametrize(
    ("document", "words", "said"),
    [
        ("whale.md", "Passengers paid less", "there is no document 'whale.md'"),
        ("ferry.md", "Passengers paid more", "ferry.md does not say"),
        ("bus.md", "Passengers paid less", "bus.md does not say"),
        ("ferry.md", "", "ferry.md does not say"),
        ("ferry.md", "  \n", "ferry.md does not say"),
        ("", "Passengers", "there is no document ''"),
        ("../secret.md", "the password", "there is no document"),
    ],
)
def test_an_invented_citation_is_caught(document, words, said):
    reasons = find_unsupported(
        [fact("ferry.md", "Passengers paid less"), fact(document, words)], DOCUMENTS
    )
    assert list(reasons) == [1] and said in reasons[1]


def test_the_course_ships_forty_documents(home):
    documents = documents_in(home / "notebooks" / "corpus")
    assert len(documents) == 40
    assert all(text.startswith("# ") and "\r" not in text for text in documents.values())
    assert all(60 <= len(text.split()) <= 190 for text in documents.values())


def test_the_documents_are_found_from_the_course_and_from_its_notebooks(
    home, monkeypatch, tmp_path
):
    monkeypatch.chdir(home)
    assert corpus_folder().resolve() == home / "notebooks" / "corpus"
    monkeypatch.chdir(home / "notebooks")
    assert corpus_folder().resolve() == home / "notebooks" / "corpus"
    assert corpus_folder(tmp_path) == tmp_path
