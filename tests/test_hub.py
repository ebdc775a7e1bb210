"""A workshop on one machine: attendees on loopback work at once, and none of them reaches another.

As root each attendee is a user of their own; else they run as one user, and what isolates them is
skipped.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
from pathlib import Path

import httpx
import psutil
import pytest

if os.name == "nt":
    pytest.skip("JupyterHub does not run on Windows", allow_module_level=True)
for package in ("jupyterhub", "configurable_http_proxy"):
    pytest.importorskip(
        package, reason="the workshop's server is not installed: pip install -e '.[hub]'"
    )

HUB = Path(__file__).parents[1] / "teaching" / "hub"
sys.path[:0] = [str(HUB)]
import attendees  # noqa: E402
import dots  # noqa: E402
import login  # noqa: E402
import machine  # noqa: E402
import measure  # noqa: E402
import private  # noqa: E402
from visit import Visitor, at_once  # noqa: E402

import start  # noqa: E402
from mas_helpers.course.progress import exercises_of  # noqa: E402

TITLE = "Multi-agent systems, step by step"
ROOT_USER = os.geteuid() == 0
isolated = pytest.mark.skipif(
    not ROOT_USER, reason="only root can give each attendee a user id: here all are one user"
)
pytestmark = pytest.mark.slow
# Three are enough to show what one may do to another; every night it is ten that come at once.
COUNT = 10 if os.environ.get("MAS_NIGHTLY") else 3
NAMES = [f"attendee-{number}" for number in range(1, COUNT + 1)]


class Workshop:
    """A served workshop, its folder, and its attendees by name, each logged in with JupyterLab
    open.
    """

    def __init__(self, folder):
        self.folder, self.loop, self.here = folder, asyncio.Runner(), {}

    def __enter__(self):
        self.room = measure.room(
            self.folder, "--attendees", str(COUNT), *(() if ROOT_USER else ("--one-user",))
        )
        self.address, self.password, self.said = self.room.__enter__()
        return self

    def __exit__(self, *problem):
        self.wait(at_once(list(self.here.values()), Visitor.close))
        self.here = {}
        self.room.__exit__(*problem)

    def wait(self, work):
        return self.loop.run(work)

    def visitor(self, name, **options):
        return Visitor(self.address, name, **{"password": self.password, **options})

    def refusal(self, name, **options):
        """What the login page says against this visitor."""

        async def try_once():
            visitor = self.visitor(name, **options)
            said = await visitor.log_in()
            await visitor.close()
            return said

        return self.wait(try_once())

    def run(self, name, code):
        """What this code prints in this attendee's kernel; an error is raised."""
        text, error = self.wait(self.here[name].last.run(code))
        assert not error, error
        return text.strip()

    def error(self, name, code):
        return self.wait(self.here[name].last.run(code))[1].split(":")[0]

    def ask(self, name, method, path, **options):
        return self.wait(self.here[name].ask(method, path, **options))


def processes_of(workshop):
    """The command lines of the hub and the servers of this workshop, and of no other."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            variables = process.environ()
            ours = any(str(workshop.folder) in value for value in variables.values())
            if ours and {"WORKSHOP", "JUPYTERHUB_USER"} & variables.keys():
                found.append(process.cmdline())
    return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Attendees who logged in at once, opened JupyterLab at once, and ran a lesson at once."""
    with Workshop(tmp_path_factory.mktemp("hub") / "workshop") as workshop:
        visitors = [workshop.visitor(name) for name in NAMES]
        workshop.refused = workshop.wait(at_once(visitors, Visitor.log_in))
        workshop.wait(at_once(visitors, Visitor.open))
        workshop.errors = workshop.wait(
            at_once(visitors, lambda one: one.run_notebook(measure.LESSON))
        )
        workshop.here = {one.name: one for one in visitors}
        yield workshop
    workshop.loop.close()


@pytest.fixture
def two(workshop):
    """Two of them, the second with a file in a lesson's folder, and where that file is."""
    workshop.run(
        "attendee-2", "import pathlib; p = pathlib.Path('progress'); p.mkdir(exist_ok=True)"
    )
    workshop.run("attendee-2", "p.joinpath('01_agent.json').write_text('a word of my own')")
    return (
        "attendee-1",
        "attendee-2",
        workshop.folder / "attendee-2" / "notebooks" / "progress" / "01_agent.json",
    )


def test_all_attendees_run_a_lesson_to_its_end(workshop):
    assert workshop.refused == [""] * COUNT
    assert workshop.errors == [[]] * COUNT


def test_each_works_in_a_copy_of_the_course_of_his_or_her_own(workshop):
    for name in NAMES:
        assert workshop.run(name, "import os; print(os.getcwd())") == str(
            workshop.folder / name / "notebooks"
        )
    lessons = workshop.ask("attendee-1", "GET", "api/contents/notebooks").json()["content"]
    assert {path.name for path in (start.ROOT / "notebooks").glob("*.ipynb")} <= {
        entry["name"] for entry in lessons
    }
    assert {"recordings", "exercises", "corpus"} <= {entry["name"] for entry in lessons}


@isolated
def test_each_is_a_user_of_his_or_her_own_and_none_is_root(workshop):
    ids = [
        workshop.run(name, "import os; print(os.getuid(), os.getgid(), os.getgroups())")
        for name in NAMES
    ]
    assert len(set(ids)) == COUNT
    for name, line in zip(NAMES, ids, strict=True):
        uid = (workshop.folder / name).stat().st_uid
        assert uid in attendees.UIDS and line in (f"{uid} {uid} []", f"{uid} {uid} [{uid}]")


@isolated
def test_no_attendee_reads_anothers_files_from_a_kernel(workshop, two):
    one, other, file = two
    assert workshop.run(other, f"print(open({str(file)!r}).read())") == "a word of my own"
    for code in (f"open({str(file)!r})", f"import os; os.listdir({str(file.parents[2])!r})"):
        assert workshop.error(one, code) == "PermissionError"
    for place in (
        workshop.folder,
        workshop.folder / ".hub",
        workshop.folder / ".hub" / "pins" / other,
    ):
        assert workshop.error(one, f"import os; os.listdir({str(place)!r})") == "PermissionError"


@isolated
def test_no_attendee_changes_the_course_or_its_python(workshop):
    for place in (
        start.ROOT,
        Path(machine.find_spec("mas_helpers").origin).parent,
        Path(sys.prefix),
    ):
        assert (
            workshop.run("attendee-1", f"import os; print(os.access({str(place)!r}, os.W_OK))")
            == "False"
        )


@pytest.mark.parametrize(
    "up", ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "notebooks/../../", "link/"]
)
def test_no_attendee_reads_anothers_files_through_the_server(workshop, two, up):
    one, other, _ = two
    if up == "link/":
        if not ROOT_USER:
            pytest.skip("one user for all: a link into another's folder leads there")
        home = workshop.folder / other
        workshop.run(one, f"import os; os.path.islink('link') or os.symlink({str(home)!r}, 'link')")
        up, other = "notebooks/link/", "."
    reply = workshop.ask(one, "GET", f"api/contents/{up}{other}/notebooks/progress/01_agent.json")
    assert reply.status_code >= 400 and "a word of my own" not in reply.text


def test_no_attendee_reaches_anothers_server(workshop, two):
    one, other, _ = two
    kernel = workshop.here[other].last.id
    assert workshop.ask(other, "GET", "api/kernels").json()[0]["id"] == kernel
    token = workshop.run(one, "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])")
    port = re.search(
        r":(\d+)/", workshop.run(other, "print(os.environ['JUPYTERHUB_SERVICE_URL'])")
    ).group(1)
    direct = f"http://127.0.0.1:{port}/user/{other}/api/kernels"
    asked = [
        workshop.ask(one, "GET", "api/contents", owner=other),
        workshop.ask(one, "GET", "api/kernels", owner=other),
        workshop.ask(one, "DELETE", f"api/kernels/{kernel}", owner=other),
        workshop.ask(one, "POST", f"api/kernels/{kernel}/interrupt", owner=other),
        workshop.wait(
            workshop.here[one].web.get(direct, headers={"Authorization": f"token {token}"})
        ),
        workshop.wait(workshop.here[one].web.delete(f"/hub/api/users/{other}/server")),
    ]
    assert [reply.status_code for reply in asked] == [403] * len(asked)
    with pytest.raises(Exception, match="403"):
        workshop.wait(workshop.here[one].connect(kernel, owner=other))
    assert workshop.run(other, "print(6 * 7)") == "42"


@isolated
def test_no_attendee_stops_or_looks_into_anothers_kernel(workshop, two):
    one, other, _ = two
    pid = workshop.run(other, "import os; print(os.getpid())")
    assert Path(f"/proc/{pid}").exists() or sys.platform == "darwin"
    assert (
        workshop.error(one, f"import os, signal; os.kill({pid}, signal.SIGKILL)")
        == "PermissionError"
    )
    assert (
        workshop.error(one, f"import os, signal; os.kill({pid}, signal.SIGINT)")
        == "PermissionError"
    )
    sockets = workshop.run(
        other, "from ipykernel import get_connection_file; print(get_connection_file())"
    )
    for place in (sockets, sockets.replace(".json", "-ipc-2")):
        assert workshop.run(other, f"import os; print(os.path.exists({place!r}))") == "True"
        assert workshop.error(one, f"import os; os.stat({place!r})") == "PermissionError"
    if sys.platform.startswith("linux"):
        assert workshop.error(one, f"open('/proc/{pid}/environ')") in (
            "PermissionError",
            "FileNotFoundError",
        )
    assert workshop.run(other, "print(6 * 7)") == "42"


def test_a_kernel_that_wants_the_whole_memory_is_told_no_and_lives(workshop):
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux holds a process to a limit of memory")
    assert workshop.error("attendee-3", "bytearray(2 * 2**30)") == "MemoryError"
    assert workshop.run("attendee-3", "print(6 * 7)") == "42"


def test_nothing_of_the_teachers_environment_reaches_an_attendee(workshop):
    names = set(
        json.loads(workshop.run("attendee-1", "import json; print(json.dumps(list(os.environ)))"))
    )
    assert not {
        name
        for name in names
        if name.startswith(("WORKSHOP", "CONFIGPROXY", "ANTHROPIC", "PYTEST", "SUDO"))
    }
    assert "PYTHONPATH" not in names


def test_an_attendee_has_the_settings_of_start_py(workshop):
    assert workshop.run("attendee-1", "print(get_ipython().automagic)") == "False"
    told = workshop.ask(
        "attendee-1", "GET", "lab/api/settings/@jupyterlab/apputils-extension:notification"
    ).json()
    assert told["schema"]["properties"]["fetchNews"]["default"] == "false"
    text = (start.ROOT / "start.py").read_text("utf-8")
    managers = re.findall(r'"--(\w+Manager\.\w+=\w+)"', text)
    config = (HUB / "jupyterhub_config.py").read_text("utf-8")
    assert managers and all(f'"--{setting}"' in config for setting in managers)
    page = workshop.ask("attendee-1", "GET", "lab").text
    assert "@jupyterlab/debugger-extension" in re.search(
        r'"disabledExtensions": \[(.*?)\]', page, re.S
    ).group(1)


def test_the_rooms_password_is_in_no_file(workshop):
    files = [
        path for path in workshop.folder.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    assert workshop.folder / ".hub" / "hub.log" in files
    assert [path for path in files if workshop.password.encode() in path.read_bytes()] == []


def test_one_more_is_told_that_the_room_is_full_and_so_is_the_teacher(workshop):
    async def come_in():
        visitor = workshop.visitor("one-more")
        assert await visitor.log_in() == ""
        page = (await visitor.web.get("/hub/spawn")).text
        await visitor.close()
        return page

    page = workshop.wait(come_in())
    assert "The room is full" in page and "Tell your teacher" in page
    assert "429" not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S)
    line = f"one-more could not come in: the room is full ({COUNT})."
    assert line in workshop.said()
    assert workshop.run("attendee-1", "print(6 * 7)") == "42"


def test_the_login_page_names_the_course(workshop):
    async def look():
        visitor = workshop.visitor("nobody")
        page = (await visitor.web.get("/hub/login")).text
        await visitor.close()
        return page

    page = workshop.wait(look())
    assert f"<h1>{TITLE}</h1>" in page and f"<title>{TITLE}</title>" in re.sub(
        r"\s*\n\s*", "", page
    )


def test_the_teacher_sees_a_dot_for_each_exercise_passed_and_nobody_without_the_secret_does(
    workshop,
):
    address = re.search(r"http://127\.0\.0\.1:\d+/\S{12}", workshop.said())[0]

    def row_of(name):
        page = httpx.get(address, trust_env=False).text
        row = re.search(rf"<tr><th>{name}</th>(.*?)</tr>", page)[1]
        return re.sub(r"<[^>]+>", " ", row).split()

    exercises = exercises_of(start.ROOT / "notebooks" / "exercises" / "03_parallel" / "checks.py")
    assert "●" not in "".join(row_of("attendee-1"))
    workshop.run(
        "attendee-1",
        "from mas_helpers.course.progress import remember; from pathlib import Path\n"
        f"print(remember(Path('.'), '03_parallel', {exercises[0]!r}))",
    )
    seen = row_of("attendee-1")
    assert seen[:3] == ["0", "min", "ago"]
    assert seen[3 + 3] == "●" + "○" * (len(exercises) - 1)
    assert "●" not in "".join(row_of("attendee-3"))
    without = address.rpartition("/")[0]
    code = f"import urllib.request; urllib.request.urlopen({without + '/'!r})"
    assert workshop.error("attendee-1", code) == "HTTPError"


def test_a_folder_of_strange_things_does_not_break_the_teachers_page(tmp_path):
    now = 1_000_000.0
    (tmp_path / ".hub").mkdir()
    (tmp_path / "note.txt").write_text("", "utf-8")
    for name in ("anna", "bert", "cleo"):
        (tmp_path / name / "notebooks").mkdir(parents=True)
    lesson = sorted(path.parent.name for path in dots.LESSONS.glob("*/checks.py"))[0]
    names = exercises_of(dots.LESSONS / lesson / "checks.py")
    (tmp_path / "anna" / "notebooks" / "progress").mkdir()
    for name in [*(f"{lesson}.{one}" for one in names), "<b>not a lesson"]:
        file = tmp_path / "anna" / "notebooks" / "progress" / name
        file.write_text("", "utf-8")
        os.utime(file, (now - 125, now - 125))
    (tmp_path / "bert" / "notebooks" / "progress").symlink_to("progress")
    (tmp_path / "cleo" / "notebooks" / "progress").write_text("", "utf-8")
    page = dots.build_page(tmp_path, now)
    assert "3 names" in page and "<b>" not in page and "note.txt" not in page
    assert f'<td>2 min ago</td><td class="all">{"●" * len(names)}</td>' in page
    assert page.count("min ago") == 1 and "<th>finished by</th><td></td><td>1</td>" in page


def test_the_proxy_passes_on_which_protocol_server_and_browser_agreed_on(workshop):
    one, protocol = workshop.here["attendee-1"], "v1.kernel.websocket.jupyter.org"
    kernel = workshop.wait(one.connect(one.last.id, protocols=[protocol]))
    assert kernel.socket.selected_subprotocol == protocol
    kernel.socket.close()


@pytest.mark.parametrize(
    "name", ["../attendee-2", "a/b", "Zoë", "a", "x" * 21, ".hub", "-rf", "%2e%2e", ""]
)
def test_a_name_that_is_no_plain_word_is_refused(workshop, name):
    assert "2 to 20 letters" in workshop.refusal(name)
    assert not [
        path.name
        for path in workshop.folder.iterdir()
        if path.name not in {*NAMES, ".hub", ".gitignore"}
    ]


def test_who_takes_anothers_name_without_its_pin_stays_outside(workshop):
    assert "is taken" in workshop.refusal("attendee-2", pin="654321")
    assert "is taken" in workshop.refusal("Attendee-2 ", pin="")
    assert "not the password" in workshop.refusal("attendee-2", password="guess-work")
    assert "PIN" in workshop.refusal("newcomer", pin="12345")


def test_who_comes_back_after_a_restart_finds_the_same_files_and_nothing_ran_meanwhile(
    workshop, two
):
    _, other, file = two
    before = (workshop.folder / other).stat()
    assert len(processes_of(workshop)) > COUNT
    workshop.__exit__(None, None, None)
    assert processes_of(workshop) == []
    with_edit = file.parents[1] / "01_agent.ipynb"
    with_edit.write_text("edited", encoding="utf-8")
    workshop.__enter__()
    again = workshop.visitor(other)
    assert "is taken" in workshop.refusal(other, pin="654321")
    assert workshop.wait(again.log_in()) == ""
    workshop.wait(again.open())
    workshop.here = {other: again}
    again.last = workshop.wait(again.kernel("notebooks/02_router.ipynb"))
    assert workshop.run(other, "print(open('progress/01_agent.json').read())") == "a word of my own"
    assert with_edit.read_text("utf-8") == "edited"
    assert (workshop.folder / other).stat().st_uid == before.st_uid


def test_without_root_it_says_what_is_lost_and_how_to_accept_that(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"read and change the others' files.*--one-user"):
        machine.check(isolated=True)
    machine.check(isolated=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="leave --one-user away"):
        machine.check(isolated=False)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("", encoding="utf-8")
    with pytest.raises(SystemExit, match="holds something else"):
        machine.prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@isolated
def test_a_course_that_attendees_could_change_is_not_served(tmp_path):
    tmp_path.chmod(0o777)
    # or cannot read it, outside a mount
    with pytest.raises(SystemExit, match="An attendee cannot use the course"):
        machine.try_as_attendee([tmp_path], Path("/tmp"), isolated=True)


@isolated
def test_a_folder_of_nobodys_is_not_handed_out(tmp_path):
    (tmp_path / "anna").mkdir()
    with pytest.raises(PermissionError, match="chown"):
        attendees.home_of(tmp_path, "anna", isolated=True)
    home, uid = attendees.home_of(tmp_path, "bert", isolated=True)
    assert (home.stat().st_mode & 0o777, home.stat().st_uid) == (0o700, uid)
    assert attendees.home_of(tmp_path, "bert", isolated=True) == (home, uid)
    (tmp_path / "carl").symlink_to(home)
    os.chown(tmp_path / "carl", uid, uid, follow_symlinks=False)
    with pytest.raises(PermissionError):
        attendees.home_of(tmp_path, "carl", isolated=True)


def test_the_doors_that_others_may_not_pass_are_found(tmp_path):
    place = tmp_path / "home" / "private" / "course"
    place.mkdir(parents=True)
    for folder, mode in ((tmp_path / "home", 0o700), (place.parent, 0o700), (place, 0o755)):
        folder.chmod(mode)
    found = private.closed([place])
    assert found and not any(place.is_relative_to(door) and door == place.parent for door in found)
    (tmp_path / "home").chmod(0o755)
    assert [door for door in private.closed([place]) if door.is_relative_to(tmp_path / "home")] in (
        [],
        [place.parent],
    )


def test_passwords_and_pins_cannot_be_found_by_trying():
    now = [0.0]
    tries = login.Tries(lambda: now[0])
    for _ in range(login.TRIES_A_MINUTE["pin"]):
        assert tries.allowed("pin", ("10.0.0.1", "anna"))
        tries.wrong("pin", ("10.0.0.1", "anna"))
    assert not tries.allowed("pin", ("10.0.0.1", "anna"))
    assert tries.allowed("pin", ("10.0.0.2", "anna")), (
        "who knows the PIN is not locked out by another's tries"
    )
    now[0] = 60.0
    assert tries.allowed("pin", ("10.0.0.1", "anna"))


def test_what_is_kept_of_a_pin_is_a_salted_hash():
    kept = login.hashed("123456")
    assert login.fits("123456", kept) and not login.fits("123457", kept)
    assert kept != login.hashed("123456") and "123456" not in kept


def test_how_many_it_holds_follows_from_what_was_measured():
    fits, free, each, day = machine.capacity()
    measured = json.loads((HUB / "measured.json").read_text("utf-8"))
    assert (
        each == measured["server_mib"] + machine.LESSONS * measured["lesson_mib"]
        and day == measured["date"]
    )
    assert fits == max(1, (free - machine.RESERVE_MIB) // each)


def test_the_readme_shows_what_was_measured():
    measured = json.loads((HUB / "measured.json").read_text("utf-8"))
    page = (HUB / "README.md").read_text("utf-8")
    assert page.split(measure.MARKS[0])[1].split(measure.MARKS[1])[0] == measure.table(measured)
    assert [row["attendees"] for row in measured["rows"]][:3] == [1, 5, 10]


def test_a_folder_is_served_once_at_a_time(tmp_path):
    machine.prepare(tmp_path / "workshop")
    with machine.alone(tmp_path / "workshop"):
        with pytest.raises(SystemExit, match="served already"):
            with machine.alone(tmp_path / "workshop"):
                pass
