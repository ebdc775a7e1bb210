"""What start.py says and does on machines that are fine and on machines that are not; nothing is
installed here.
"""

import ast
import errno
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
HERE = "{}.{}".format(*sys.version_info)
WORD = "py" if os.name == "nt" else Path(sys.executable).name


class Children:
    """Stands in for `subprocess`: notes each command, and answers with the lines and the exit code
    that a test sets.
    """

    PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL
    CalledProcessError = subprocess.CalledProcessError

    def __init__(self):
        self.commands, self.variables = [], {}
        self.lines, self.exit_code, self.waits, self.ended = [], 0, [], False
        self.version_in_venv = HERE

    def Popen(self, command, cwd, env, **pipes):
        self.commands.append(command)
        self.variables = env
        assert all(isinstance(part, str) for part in command)
        return self

    def __enter__(self):
        return SimpleNamespace(stdout=self.read(), returncode=self.exit_code)

    def __exit__(self, *problem):
        return None

    def read(self):
        for line in self.lines:
            if isinstance(line, BaseException):
                raise line
            yield line + "\n"

    def wait(self):
        answer = self.waits.pop(0) if self.waits else self.exit_code
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def terminate(self):
        self.ended = True

    def check_output(self, command, **options):
        if isinstance(self.version_in_venv, BaseException):
            raise self.version_in_venv
        return self.version_in_venv + "\n"


def load(folder):
    spec = importlib.util.spec_from_loader(
        "start", SourceFileLoader("start", str(folder / "start.py"))
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_of_the_course(folder):
    folder.mkdir()
    for name in ("start.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def opened():
    """The addresses that a browser was sent to."""
    return []


@pytest.fixture
def start(tmp_path, monkeypatch, opened):
    """start.py in a folder of its own, on a machine without uv, with room on the disk, and with
    pretended children.
    """
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start = load(copy_of_the_course(tmp_path / "course"))
    monkeypatch.chdir(start.ROOT)
    start.subprocess = Children()
    start.webbrowser = SimpleNamespace(open=opened.append)
    start.shutil = SimpleNamespace(
        which=lambda name: None, disk_usage=shutil.disk_usage, rmtree=shutil.rmtree
    )
    start.shutil.disk_usage = lambda folder: SimpleNamespace(free=10**10)
    start.socket = SimpleNamespace(socket=probe_that_finds_taken())
    return start


def probe_that_finds_taken(*ports):
    class Probe:
        def __enter__(self):
            return self

        def __exit__(self, *problem):
            return None

        def settimeout(self, seconds):
            pass

        def connect_ex(self, address):
            return 0 if address[1] in ports else errno.ECONNREFUSED

    return Probe


def what_it_says_when_it_fails(start, *arguments):
    """Return the sentence: exiting with a text makes Python print it, without a traceback, and exit
    with 1.
    """
    with pytest.raises(SystemExit) as stop:
        start.main(list(arguments or ["setup"]))
    assert isinstance(stop.value.code, str)
    assert "\n" not in stop.value.code
    return stop.value.code


def assert_it_works_now(start):
    start.subprocess.lines, start.subprocess.exit_code = [], 0
    assert start.main(["setup"]) == 0
    assert start.find_flaw() == ""


def as_python(start, major, minor):
    start.sys = SimpleNamespace(**{**vars(sys), "version_info": (major, minor, 0)})
    start.VERSION = f"{major}.{minor}"


# Python


@pytest.mark.parametrize("minor", [6, 8, 10])
def test_an_old_python_is_told_so_in_one_sentence(start, minor):
    as_python(start, 3, minor)
    said = what_it_says_when_it_fails(start)
    assert said.startswith(f"This course needs Python 3.11 to 3.13, this is 3.{minor}: ")
    assert said.endswith(" start.py")
    assert start.subprocess.commands == []


def test_a_python_as_old_as_3_6_can_read_the_file_that_says_so():
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 6))


def test_python_2_stops_at_a_line_that_names_the_python_to_get():
    text = (ROOT / "start.py").read_bytes().decode("ascii")
    first = next(line for line in text.splitlines() if 'f"' in line)
    assert first.endswith("# Python 2 stops here: the course needs Python 3.11 to 3.13")


def test_a_python_newer_than_the_tested_ones_is_tried_and_told_so(start, capsys):
    as_python(start, 3, 14)
    assert start.main(["setup"]) == 0
    assert capsys.readouterr().out.startswith(
        "Python 3.14 is untested here (3.11, 3.12 and 3.13 are tested)"
    )


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_the_package_to_install(start, monkeypatch, missing):
    with monkeypatch.context() as patch:
        patch.setattr(start, "find_spec", lambda name: None if name == missing else name)
        assert f"sudo apt install python{HERE}-venv" in what_it_says_when_it_fails(start)
        assert not start.VENV.exists()
    assert_it_works_now(start)


def test_with_uv_a_python_without_ensurepip_will_do(start, monkeypatch):
    start.shutil.which = lambda name: "/bin/uv"
    monkeypatch.setattr(start, "find_spec", lambda name: None if name == "ensurepip" else name)
    assert_it_works_now(start)


# Setting up


def test_set_up_makes_the_venv_and_installs_the_tested_versions_with_pip(start):
    assert_it_works_now(start)
    make, install = start.subprocess.commands
    assert make[1:] == ["-m", "venv", str(start.VENV)]
    assert install == [
        str(start.PYTHON),
        "-m",
        "pip",
        "install",
        "-c",
        "constraints.txt",
        "-e",
        ".[course,test]",
    ]


def test_set_up_uses_uv_when_it_is_there(start):
    start.shutil.which = {"uv": "/bin/uv"}.get
    assert_it_works_now(start)
    make, install = start.subprocess.commands
    assert make[1:] == ["-m", "venv", "--without-pip", str(start.VENV)]
    assert install[:6] == [
        "/bin/uv",
        "pip",
        "install",
        "--python",
        str(start.PYTHON),
        "--compile-bytecode",
    ]
    assert install[6:] == ["-c", "constraints.txt", "-e", ".[course,test]"]


def test_each_step_says_what_it_does_and_how_long_it_takes_and_its_lines_go_to_a_log(start, capsys):
    start.subprocess.lines = ["Collecting anthropic"]
    assert start.main(["setup"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Step 1 of 2: making .venv with Python {HERE} (a few seconds)",
        "Step 2 of 2: installing the course with pip (about a minute the first time)",
        f"Everything is ready. To open the course: {WORD} start.py",
    ]
    assert start.LOG.read_text("utf-8") == "Collecting anthropic\n" * 2


def test_in_a_terminal_one_line_says_how_far_the_set_up_is(start, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    start.shutil.get_terminal_size = lambda: os.terminal_size((40, 20))
    start.subprocess.lines = ["Collecting anthropic", "x" * 200]
    assert start.main(["setup"]) == 0
    shown = capsys.readouterr().out
    [line] = {part for part in shown.split("\r") if "Collecting" in part}
    assert re.fullmatch(r" +\d s  Collecting anthropic +", line) and len(line) == 39
    assert "x" * 40 not in shown
    assert "\n  " not in shown


def test_messages_repeat_the_word_and_the_place_that_work_here(start, monkeypatch, tmp_path):
    start.sys = SimpleNamespace(**{**vars(sys), "executable": "/usr/bin/python3"})
    if os.name != "nt":
        assert start.way_to_start("--port", "9") == "python3 start.py --port 9"
    monkeypatch.chdir(tmp_path)
    assert str(start.ROOT / "start.py") in start.way_to_start()
    start.os = SimpleNamespace(name="nt")
    assert start.way_to_start().startswith("py ")


def test_a_second_set_up_starts_no_installer(start, capsys):
    assert_it_works_now(start)
    start.subprocess.commands.clear()
    capsys.readouterr()
    assert_it_works_now(start)
    assert start.subprocess.commands == []
    assert capsys.readouterr().out == f"Everything is ready. To open the course: {WORD} start.py\n"


def test_jupyterlab_is_told_not_to_ask_about_news_and_not_to_look_for_updates(start):
    assert_it_works_now(start)
    settings = json.loads(
        (start.VENV / "share/jupyter/lab/settings/overrides.json").read_text("utf-8")
    )
    asked = settings["@jupyterlab/apputils-extension:notification"]
    assert asked == {"fetchNews": "false", "checkForUpdates": False}


def test_the_caches_of_completion_stay_in_the_folder(start):
    assert_it_works_now(start)
    code = (start.VENV / "etc/ipython/ipython_config.py").read_text("utf-8")
    texts = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    assert str(start.ROOT / ".jupyter" / "jedi") in map(str, texts)


def test_run_before_its_import_is_a_name_error_and_no_magic(start):
    assert_it_works_now(start)
    code = (start.VENV / "etc/ipython/ipython_config.py").read_text("utf-8")
    assert "c.InteractiveShell.automagic = False" in code


# What goes wrong while setting up


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_without_a_network_it_says_how_to_go_on(start, capsys, tool):
    start.shutil.which = {"uv": "/bin/uv" if tool == "uv" else None}.get
    start.install = fail_at(start, "constraints.txt", "error: could not connect")
    said = what_it_says_when_it_fails(start)
    assert "Most often it is the network" in said and "HTTPS_PROXY" in said
    assert "run the same command again. It goes on from here." in said
    assert "  error: could not connect\n" in capsys.readouterr().out
    assert [command[0] for command in start.subprocess.commands[1:]] == [
        "/bin/uv" if tool == "uv" else str(start.PYTHON)
    ]
    assert_it_works_now(start)
    assert "The set-up is only half-made: .venv is made again.\n" in capsys.readouterr().out


def fail_at(start, sign, line):
    """Return an `install` whose child prints the line and fails, the first time that the sign is in
    the command.
    """
    install = start.install

    def failing(command):
        if sign in command:
            start.subprocess.lines, start.subprocess.exit_code = [line], 1
            start.install = install
        install(command)

    return failing


@pytest.mark.parametrize(
    "line",
    [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "error: Failed to write: There is not enough space on the disk. (os error 112)",
        "OSError: [Errno 122] Disk quota exceeded",
    ],
)
def test_an_installer_that_fills_the_disk_is_told_as_that(start, line):
    start.install = fail_at(start, "constraints.txt", line)
    assert what_it_says_when_it_fails(start).startswith(
        "The disk is full: the set-up needs about 600 MB. Make room, "
    )
    assert_it_works_now(start)


def test_too_little_room_is_said_before_anything_is_installed(start):
    start.shutil.disk_usage = lambda folder: SimpleNamespace(free=599 * 10**6)
    assert what_it_says_when_it_fails(start).startswith("The disk is full")
    assert start.subprocess.commands == []
    start.shutil.disk_usage = lambda folder: SimpleNamespace(free=601 * 10**6)
    assert_it_works_now(start)


def refuse(monkeypatch, code):
    def mkdir(path, *arguments, **options):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "mkdir", mkdir)


def test_a_disk_that_cannot_take_one_more_folder_is_told_as_full(start, monkeypatch):
    with monkeypatch.context() as patch:
        refuse(patch, errno.ENOSPC)
        assert what_it_says_when_it_fails(start).startswith("The disk is full")
    assert_it_works_now(start)


def test_a_folder_that_may_not_be_written_is_named(start, monkeypatch):
    with monkeypatch.context() as patch:
        refuse(patch, errno.EACCES)
        said = what_it_says_when_it_fails(start)
    assert said.startswith(f"May not write {start.ROOT}")
    assert "move the course to your own folder" in said
    assert_it_works_now(start)


def test_any_other_error_of_the_system_is_one_line_too(start, monkeypatch):
    with monkeypatch.context() as patch:
        refuse(patch, errno.EIO)
        assert "Fix that, then run the same command again." in what_it_says_when_it_fails(start)
    assert_it_works_now(start)


def test_an_interrupted_set_up_exits_130_and_the_next_one_mends_it(start, capsys):
    start.subprocess.lines = ["Collecting anthropic", KeyboardInterrupt()]
    assert start.main(["setup"]) == 130
    assert capsys.readouterr().err == "\nStopped. Run the same command again to go on.\n"
    assert_it_works_now(start)
    assert "The set-up is only half-made: .venv is made again.\n" in capsys.readouterr().out


# A .venv that is there already


@pytest.mark.parametrize(
    "answer",
    [FileNotFoundError(errno.ENOENT, "gone"), subprocess.CalledProcessError(1, "python")],
    ids=["gone", "broken"],
)
def test_a_venv_whose_python_does_not_run_is_made_anew(start, capsys, answer):
    assert_it_works_now(start)
    (start.VENV / "left-over").touch()
    start.subprocess.version_in_venv = answer
    assert start.main(["setup"]) == 0
    assert "The Python in .venv does not run: .venv is made again.\n" in capsys.readouterr().out
    assert not (start.VENV / "left-over").exists()
    start.subprocess.version_in_venv = HERE
    assert start.find_flaw() == ""


def test_a_venv_of_another_python_is_made_anew(start, capsys):
    assert_it_works_now(start)
    start.subprocess.version_in_venv = "3.10"
    assert start.main(["setup"]) == 0
    assert (
        "The course, its place or its Python changed: .venv is made again.\n"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_dependency_makes_the_venv_anew(start, capsys, name):
    assert_it_works_now(start)
    with (start.ROOT / name).open("a") as file:
        file.write("\n# changed\n")
    assert start.main(["setup"]) == 0
    assert (
        "The course, its place or its Python changed: .venv is made again.\n"
        in capsys.readouterr().out
    )


def test_a_moved_course_makes_its_venv_anew(start, tmp_path):
    assert_it_works_now(start)
    moved = start.ROOT.rename(tmp_path / "moved")
    again = load(moved)
    again.subprocess, again.shutil = start.subprocess, start.shutil
    assert again.find_flaw() == "The course, its place or its Python changed"
    assert_it_works_now(again)


def test_a_file_in_the_place_of_the_venv_is_left_alone(start):
    start.VENV.write_text("mine", encoding="utf-8")
    assert what_it_says_when_it_fails(start).startswith(
        f"{start.VENV} is a file or a link, so it is left alone: move it"
    )
    assert start.VENV.read_text(encoding="utf-8") == "mine"
    start.VENV.unlink()
    assert_it_works_now(start)


def test_a_link_in_the_place_of_the_venv_is_left_alone(start, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "work").write_text("mine", encoding="utf-8")
    try:
        start.VENV.symlink_to(elsewhere, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    assert "is left alone: move it away" in what_it_says_when_it_fails(start)
    assert (elsewhere / "work").read_text(encoding="utf-8") == "mine"
    start.VENV.unlink()
    assert_it_works_now(start)


def test_a_venv_of_somebody_else_is_left_alone(start):
    (start.VENV / "bin").mkdir(parents=True)
    (start.VENV / "pyvenv.cfg").write_text("home = elsewhere", encoding="utf-8")
    assert what_it_says_when_it_fails(start) == (
        f"{start.VENV} was not made by this course, so it is left alone: move it away, "
        "then run the same command again."
    )
    assert (start.VENV / "pyvenv.cfg").read_text(encoding="utf-8") == "home = elsewhere"
    assert start.subprocess.commands == []


def test_a_removal_that_is_interrupted_leaves_a_venv_that_is_still_ours(start, monkeypatch):
    assert_it_works_now(start)
    start.STAMP.unlink()
    (start.VENV / "bin").mkdir(exist_ok=True)

    def interrupted(folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(start.shutil, "rmtree", interrupted)
        assert start.main(["setup"]) == 130
    assert_it_works_now(start)


def test_a_removal_that_is_interrupted_leaves_no_stamp(start, monkeypatch):
    assert_it_works_now(start)
    start.subprocess.version_in_venv = "3.10"

    def interrupted(folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(start.shutil, "rmtree", interrupted)
        assert start.main(["setup"]) == 130
    assert not start.STAMP.exists()
    start.subprocess.version_in_venv = HERE
    assert_it_works_now(start)


# JupyterLab


def test_start_opens_the_first_lesson_with_the_kernel_of_the_venv_only(start, capsys):
    assert start.main([]) == 0
    command = start.subprocess.commands[-1]
    assert command[:5] == [str(start.PYTHON), "-m", "jupyterlab", "--port", "8888"]
    assert f"--ServerApp.root_dir={start.ROOT}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert "--KernelSpecManager.allowed_kernelspecs=python3" in command
    assert "--no-browser" not in command
    assert "Opening JupyterLab on port 8888. Ctrl-C here stops it.\n" in capsys.readouterr().out


def test_ctrl_c_ends_jupyterlab_without_a_question(start):
    assert "--ServerApp.answer_yes=True" in start.jupyterlab(8888)


def running(start, port, root=None, text=None):
    server = {"port": port, "token": "abc", "root_dir": str(root or start.ROOT)}
    start.RUNNING.mkdir(parents=True, exist_ok=True)
    file = start.RUNNING / f"jpserver-{port}.json"
    file.write_text(json.dumps(server) if text is None else text, encoding="utf-8")


def test_a_second_start_opens_the_course_that_is_running(start, opened, capsys):
    running(start, 8888)
    start.socket = SimpleNamespace(socket=probe_that_finds_taken(8888))
    assert start.main([]) == 0
    address = "http://127.0.0.1:8888/lab?token=abc"
    assert opened == [address]
    assert f"The course is open already: {address}\n" in capsys.readouterr().out
    assert start.subprocess.commands == []
    assert start.main(["--no-browser"]) == 0
    assert opened == [address]


def test_a_server_that_ended_or_serves_another_folder_and_half_a_file_are_passed_over(
    start, opened, tmp_path
):
    running(start, 8001)  # nobody answers there
    running(start, 8002, root=tmp_path)
    running(start, 8003, text='{"port": 80')
    start.socket = SimpleNamespace(socket=probe_that_finds_taken(8002, 8003))
    assert start.main([]) == 0
    assert opened == []
    assert start.subprocess.commands[-1][2] == "jupyterlab"


@pytest.mark.parametrize(
    ("user", "allowed"), [(0, True), (1000, False), (None, False)], ids=["root", "user", "windows"]
)
def test_only_root_is_allowed_as_root(start, user, allowed):
    names = {**vars(os), "geteuid": lambda: user}
    if user is None:
        del names["geteuid"]
    start.os = SimpleNamespace(**names)
    assert start.main(["--no-browser"]) == 0
    assert ("--allow-root" in start.subprocess.commands[-1]) == allowed
    assert "--no-browser" in start.subprocess.commands[-1]


def test_a_taken_port_that_was_asked_for_is_named_with_a_free_one(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        start.socket = socket
        said = what_it_says_when_it_fails(start, "--port", str(taken))
    free = int(said.split()[-1])
    assert said.startswith(f"Port {taken} is taken") and said.endswith(
        f"Free is {free}: {WORD} start.py --port {free}"
    )
    assert free != taken
    assert start.subprocess.commands == []
    assert start.main(["--port", str(free)]) == 0 or start.choose_port(taken) == taken


def test_a_port_that_is_none_is_told_so(start):
    assert "not from 1024 to 65535" in what_it_says_when_it_fails(start, "--port", "70000")
    assert "not from 1024 to 65535" in what_it_says_when_it_fails(start, "--port", "80")


def test_a_taken_port_that_was_not_asked_for_is_passed_over(start, capsys):
    start.socket = SimpleNamespace(socket=probe_that_finds_taken(8888, 8889))
    assert start.main([]) == 0
    assert start.subprocess.commands[-1][4] == "8890"
    assert "Port 8888 is taken, so this uses port 8890.\n" in capsys.readouterr().out


def test_ctrl_c_is_left_to_jupyterlab_to_answer(start, capsys):
    start.subprocess.waits = [KeyboardInterrupt(), KeyboardInterrupt(), 0]
    assert start.main([]) == 0
    assert capsys.readouterr().err == ""


def test_a_start_that_is_ended_ends_jupyterlab(start):
    start.subprocess.waits = [SystemExit(143), 0]
    assert start.main([]) == 0
    assert start.subprocess.ended


@pytest.mark.parametrize(
    ("of_the_child", "of_start"), [(0, 0), (1, 1), (5, 5), (-2, 130), (-9, 137)]
)
def test_the_exit_code_is_that_of_the_child(start, of_the_child, of_start):
    start.subprocess.waits = [of_the_child]
    assert start.main(["test"]) == of_start


def test_jupyter_and_ipython_write_into_the_folder_whatever_the_machine_says(start, monkeypatch):
    for name in (
        "JUPYTER_PATH",
        "JUPYTER_CONFIG_PATH",
        "JUPYTERLAB_DIR",
        "JUPYTER_DATA_DIR",
        "IPYTHONDIR",
        "PYTHONPATH",
    ):
        monkeypatch.setenv(name, "elsewhere")
    assert start.main([]) == 0
    variables = start.subprocess.variables
    names = (
        "JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR JUPYTERLAB_SETTINGS_DIR"
        " JUPYTERLAB_WORKSPACES_DIR"
    )
    folders = [Path(variables[name]) for name in [*names.split(), "IPYTHONDIR"]]
    assert {folder.parent for folder in folders} == {start.ROOT / ".jupyter"}
    assert len(set(folders)) == 6
    assert "elsewhere" not in variables.values()
    assert variables["PATH"].split(os.pathsep)[0] == str(start.PYTHON.parent)


def test_a_key_reaches_jupyterlab(start, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key")
    monkeypatch.setenv("MAS_MODE", "live")
    assert start.main([]) == 0
    assert start.subprocess.variables["ANTHROPIC_API_KEY"] == "not-a-key"
    assert start.subprocess.variables["MAS_MODE"] == "live"


# The web pages


@pytest.fixture
def writer(start):
    """The same, where Sphinx writes a page; a test sets its exit code."""
    start.shutil.copytree = shutil.copytree
    run = start.run

    def write(command, variables):
        if "sphinx" in command:
            (Path(command[-1])).mkdir(parents=True)
            for name in ("index.html", ".buildinfo"):
                (Path(command[-1]) / name).write_text("new", "utf-8")
        return run(command, variables)

    start.run = write
    return start


def test_site_writes_the_pages_with_the_python_of_the_venv_and_ends_with_what_to_open(
    writer, capsys
):
    assert writer.main(["site"]) == 0
    assert writer.subprocess.commands[-1][:3] == [str(writer.PYTHON), "-m", "sphinx"]
    first = writer.ROOT / "site" / "index.html"
    assert first.read_text("utf-8") == "new"
    assert capsys.readouterr().out.splitlines()[-1].endswith(f": {first}")


def test_site_writes_into_a_folder_that_is_named_from_where_the_reader_stands(
    writer, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert writer.main(["site", "--to", "pages"]) == 0
    assert (tmp_path / "pages" / "index.html").exists()


def test_what_only_the_pages_need_is_installed_before_the_first_of_them_and_once(writer):
    assert writer.main(["site"]) == writer.main(["site"]) == writer.main([]) == 0
    assert installed(writer) == [".[course,test]", ".[site]"]


def test_site_writes_over_its_own_pages_and_touches_no_other_file_there(writer):
    folder = writer.ROOT / "site"
    assert writer.main(["site"]) == 0
    (folder / "index.html").write_text("old", "utf-8")
    (folder / "notes.txt").write_text("mine", "utf-8")
    assert writer.main(["site"]) == 0
    assert [(folder / name).read_text("utf-8") for name in ("index.html", "notes.txt")] == [
        "new",
        "mine",
    ]


def test_site_writes_nothing_where_a_link_leads_nowhere(writer, capsys):
    assert writer.main(["setup"]) == 0
    writer.SITE_STAMP.touch()
    writer.subprocess.exit_code = 1
    assert writer.main(["site"]) == 1
    assert "No page was written" in capsys.readouterr().out
    assert not (writer.ROOT / "site").exists()


def test_site_leaves_a_folder_with_other_files_and_a_file_in_its_place_alone(writer, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine", "utf-8")
    assert "no web pages of the course" in what_it_says_when_it_fails(
        writer, "site", "--to", str(tmp_path / "mine")
    )
    file = tmp_path / "mine" / "index.html"
    assert "is a file" in what_it_says_when_it_fails(writer, "site", "--to", str(file))
    assert [path.read_text("utf-8") for path in (tmp_path / "mine").iterdir()] == ["mine"]
    assert writer.subprocess.commands == []


# A project of one's own


@pytest.fixture
def maker(start):
    """The same, with the template, where hatchling writes a wheel."""
    left = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(ROOT / "examples" / "my_system", start.TEMPLATE, ignore=left)
    start.shutil.copytree, start.shutil.copy = shutil.copytree, shutil.copy
    install = start.install

    def build(command):
        install(command)
        if "hatchling" in command:
            Path(command[-1], "mas_helpers-1-py3-none-any.whl").write_text("packed", "utf-8")

    start.install = build
    return start


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_new_makes_a_project_whose_package_has_the_name_of_its_folder(maker, tmp_path, capsys):
    (maker.TEMPLATE / "tests" / "__pycache__").mkdir()
    (maker.TEMPLATE / "tests" / "__pycache__" / "old.pyc").touch()
    folder = tmp_path / "heron_desk"
    assert maker.main(["new", str(folder)]) == 0
    made = files_in(folder)
    assert {"README.md", "pyproject.toml", "replies.yaml", ".gitignore"} < made
    assert {"heron_desk/desk.py", "tests/test_acceptance.py", "documents/fees.md"} < made
    assert {".github/workflows/tests.yml", "wheels/mas_helpers-1-py3-none-any.whl"} < made
    assert not [name for name in made if "my_system" in name or name.endswith(".pyc")]
    texts = {name: (folder / name).read_text("utf-8") for name in made}
    assert not [name for name, text in texts.items() if re.search("my.system", text)]
    assert 'name = "heron-desk"' in texts["pyproject.toml"]
    assert texts["requirements.txt"].splitlines()[-1] == "./wheels/mas_helpers-1-py3-none-any.whl"
    *_, first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"  cd {folder}"
    assert second == f"  {maker.PYTHON} -m pytest --level 1"
    assert third == f"  {maker.PYTHON} -m pytest -k answers"


def test_new_in_the_course_folder_names_its_python_from_there(maker, capsys):
    assert maker.main(["new", "my_system"]) == 0
    assert (maker.ROOT / "my_system" / "my_system" / "desk.py").is_file()
    python = Path("..", maker.PYTHON.relative_to(maker.ROOT))
    *_, first, second, _ = capsys.readouterr().out.splitlines()
    assert (first, second) == ("  cd my_system", f"  {python} -m pytest --level 1")


@pytest.mark.parametrize(
    ("name", "like"),
    [("My-Desk", "my_desk"), ("3desks", "my_3desks"), ("desk_", "desk"), ("büro", "b_ro")],
)
def test_new_says_which_name_would_do(maker, tmp_path, name, like):
    said = what_it_says_when_it_fails(maker, "new", str(tmp_path / name))
    assert f"'{name}' can't be the name of a package" in said
    assert said.endswith(str(tmp_path / like)) and not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["tests", "wheels", "school", "documents"])
def test_new_takes_no_name_that_the_project_has_already(maker, tmp_path, name):
    said = what_it_says_when_it_fails(maker, "new", str(tmp_path / name))
    assert "would hide a module of that name" in said and str(tmp_path / f"my_{name}") in said
    assert not (tmp_path / name).exists()


def test_new_takes_no_name_of_a_module_that_python_has(maker, tmp_path):
    maker.run = lambda command, variables: int("find_spec('anthropic')" in command[-1])
    said = what_it_says_when_it_fails(maker, "new", str(tmp_path / "anthropic"))
    assert "'anthropic' would hide a module" in said and not (tmp_path / "anthropic").exists()
    assert maker.main(["new", str(tmp_path / "anthropologist")]) == 0


def test_new_overwrites_nothing(maker, tmp_path):
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "notes.txt").write_text("mine", "utf-8")
    assert "is there already" in what_it_says_when_it_fails(maker, "new", str(tmp_path / "desk"))
    assert files_in(tmp_path / "desk") == {"notes.txt"}
    (tmp_path / "file").write_text("mine", "utf-8")
    assert "is there already" in what_it_says_when_it_fails(maker, "new", str(tmp_path / "file"))
    assert maker.subprocess.commands == []
    (tmp_path / "empty").mkdir()
    assert maker.main(["new", str(tmp_path / "empty")]) == 0


def test_new_leaves_nothing_where_the_wheel_can_not_be_built(maker, tmp_path):
    assert maker.main(["setup"]) == 0
    maker.subprocess.exit_code, maker.is_taken = 1, lambda name: False
    what_it_says_when_it_fails(maker, "new", str(tmp_path / "desk"))
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize("words", [["new"], ["site", "pages"]])
def test_new_and_nothing_else_takes_a_folder(maker, words, capsys):
    with pytest.raises(SystemExit) as stop:
        maker.main(words)
    assert stop.value.code == 2 and "takes a folder: new my_system" in capsys.readouterr().err


# The model


def asked_for_the_model(start, monkeypatch, answer):
    """What `model` asked; nobody is there to answer where the answer is an error."""
    asked = []

    def ask(question):
        asked.append(question)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr("builtins.input", ask)
    assert start.main(["model"]) == 0
    return asked


@pytest.mark.parametrize("answer", ["", "n", "no", "perhaps", EOFError()])
def test_no_model_is_loaded_unless_the_reader_says_yes(start, monkeypatch, answer):
    (question,) = asked_for_the_model(start, monkeypatch, answer)
    assert "127 MB" in question and "Apache-2.0" in question
    assert start.subprocess.commands == []


@pytest.mark.parametrize("uv", [None, "/bin/uv"])
def test_a_yes_loads_the_weights_without_what_they_ask_for_and_serves_them(start, monkeypatch, uv):
    start.shutil.which = {"uv": uv}.get
    assert asked_for_the_model(start, monkeypatch, "y")
    assert installed(start) == [".[course,test]", ".[model]", start.WEIGHTS]
    (weights,) = [command for command in start.subprocess.commands if start.WEIGHTS in command]
    assert "--no-deps" in weights
    served = [str(start.PYTHON), "-m", "mas_helpers.course.local_model", "8880"]
    assert start.subprocess.commands[-1] == served


def test_a_model_that_was_loaded_is_served_without_a_question_or_an_installer(start, monkeypatch):
    assert start.main(["model", "--yes"]) == 0
    loaded = installed(start)
    assert asked_for_the_model(start, monkeypatch, EOFError()) == []
    assert installed(start) == loaded


def test_the_model_says_what_to_type_and_passes_a_taken_port_over(start, capsys):
    start.socket.socket = probe_that_finds_taken(8880)
    assert start.main(["model", "--yes"]) == 0
    assert "%env ANTHROPIC_BASE_URL=http://127.0.0.1:8881" in capsys.readouterr().out
    assert start.subprocess.commands[-1][-1] == "8881"


def test_tests_go_on_where_the_model_cannot_be_had(start, capsys, monkeypatch):
    monkeypatch.setenv("MAS_MODEL", "load")
    assert start.main(["setup"]) == 0
    start.install = fail_at(start, ".[model]", "error: no wheel for this machine")
    assert start.main(["test"]) == 1  # the pretended pytest ends like the pretended installer
    said = capsys.readouterr().out
    assert "The model can't be had here" in said and "no wheel for this machine" in said
    assert "pytest" in start.subprocess.commands[-1]


def test_tests_load_no_model_unless_they_are_told_to(start):
    assert start.main(["test"]) == 0
    assert ".[model]" not in installed(start)


# Tests


def test_test_runs_every_notebook_strictly_and_hands_the_rest_to_pytest(start, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert start.main(["test", "-k", "agent", "--port", "tests"]) == 0
    nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    spread = ["-n", "3", "--dist=loadfile", "--no-loadscope-reorder"]
    pytest_of_the_venv = [str(start.PYTHON), "-m", "pytest"]
    asked = ["-k", "agent", "--port", "tests"]
    assert start.subprocess.commands[-1] == [*pytest_of_the_venv, *nbval, *spread, *asked]


def test_the_fast_test_leaves_the_notebooks_and_the_slow_tests_out(start):
    assert start.main(["test", "--fast", "-x"]) == 0
    command = start.subprocess.commands[-1]
    assert command[:5] == [str(start.PYTHON), "-m", "pytest", "-m", "not slow"]
    assert command[-1] == "-x"
    assert not [part for part in command if "nbval" in part or part == "--fast"]


def installed(start):
    return [command[-1] for command in start.subprocess.commands if "constraints.txt" in command]


@pytest.mark.parametrize("uv", [None, "/bin/uv"])
def test_what_only_the_tests_need_is_installed_before_the_first_of_them_and_once(start, uv):
    start.shutil.which = {"uv": uv}.get
    assert_it_works_now(start)
    assert installed(start) == [".[course,test]"]
    assert (
        start.main(["test"]) == start.main(["test"]) == start.main([]) == start.main(["test"]) == 0
    )
    assert installed(start) == [".[course,test]", ".[check]"]


def test_a_venv_that_uv_made_gets_a_pip_where_uv_is_gone(start):
    assert start.main(["test"]) == 0
    pip = start.subprocess.commands.index([str(start.PYTHON), "-m", "ensurepip"])
    assert start.subprocess.commands[pip + 1][1:4] == ["-m", "pip", "install"]


def test_an_installation_for_the_tests_that_was_interrupted_goes_on_and_leaves_the_course_alone(
    start, capsys
):
    assert_it_works_now(start)
    start.subprocess.lines = [KeyboardInterrupt()]
    assert start.main(["test"]) == 130
    assert_it_works_now(start)
    assert "made again" not in capsys.readouterr().out
    assert start.main(["test"]) == 0
    assert installed(start)[0] == ".[course,test]" and installed(start)[-1] == ".[check]"


def test_a_venv_that_is_made_anew_is_completed_for_the_tests_anew(start):
    assert start.main(["test"]) == 0
    with (start.ROOT / "constraints.txt").open("a") as file:
        file.write("\n# changed\n")
    assert start.main(["test"]) == 0
    assert installed(start) == [".[course,test]", ".[check]"] * 2


def test_tests_see_no_key_and_no_mode(start, monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "MAS_MODE"):
        monkeypatch.setenv(name, "set")
    assert start.main(["test"]) == 0
    variables = start.subprocess.variables
    assert [name for name in variables if name == "MAS_MODE" or name.startswith("ANTHROPIC_")] == []
    assert {name: variables[name] for name in ("PYTHONHASHSEED", "MAS_STRICT")} == {
        "PYTHONHASHSEED": "0",
        "MAS_STRICT": "1",
    }
    assert Path(variables["IPYTHONDIR"]).parent == start.ROOT / ".jupyter"


# The command itself, as a process


def run_start(folder, *arguments):
    command = [sys.executable, str(folder / "start.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_help_names_every_command():
    done = run_start(ROOT, "--help")
    assert done.returncode == 0
    for words in (
        "python3 start.py setup",
        "python3 start.py site",
        "python3 start.py new FOLDER",
        "python3 start.py model",
        "--yes",
        "python3 start.py test",
        "py start.py",
        "--to",
        "--port",
        "--no-browser",
        "Ctrl-C",
    ):
        assert words in done.stdout


def test_a_failure_exits_with_1_and_shows_no_traceback(tmp_path):
    folder = copy_of_the_course(tmp_path / "course")
    (folder / ".venv").touch()
    done = run_start(folder, "setup")
    assert done.returncode == 1
    assert (
        done.stderr
        == f"{folder.resolve() / '.venv'} is a file or a link, so it is left alone: "
        + "move it away, then run the same command again.\n"
    )


def test_a_real_installer_is_logged_and_of_its_failure_the_last_lines_are_shown(tmp_path, capsys):
    start = load(copy_of_the_course(tmp_path / "course"))
    start.install([sys.executable, "-c", "print('all well')"])
    fails = "import sys; print(*range(40), sep='\\n'); print('no route'); sys.exit(3)"
    with pytest.raises(SystemExit, match="The set-up stopped; the lines above say why, and .*log"):
        start.install([sys.executable, "-c", fails])
    shown = capsys.readouterr().out.splitlines()
    assert shown == [*(f"  {number}" for number in range(29, 40)), "  no route"]
    assert start.LOG.read_text("utf-8").startswith("all well\n0\n1\n")


def test_the_python_that_runs_this_is_found_to_run(tmp_path):
    start = load(copy_of_the_course(tmp_path / "course"))
    start.VENV.mkdir()
    start.STAMP.write_bytes(start.stamp())
    assert start.find_flaw() == "The Python in .venv does not run"
    start.PYTHON = Path(sys.executable)
    assert start.find_flaw() == ""
