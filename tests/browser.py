"""The course as `python3 start.py` serves it, on a copy, and a reader at a headless browser."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[1]
# the path of a browser, or "required"; with it, none is an error
WANTED = os.environ.get("MAS_BROWSER", "")
HOW = (
    "No Chromium, Chrome or Edge starts here. To fix it, install one (Debian, Ubuntu: sudo apt-get"
    " install chromium), or set MAS_BROWSER to its path"
)
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
ARGUMENTS += [
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 800, "height": 900}
HERE = {"localhost", "127.0.0.1", None}  # None: data: and blob: have no host

READY = """() => { const shown = jupyterapp.shell.currentWidget;
    return shown?.context?.isReady && shown.sessionContext.session?.kernel?.status === 'idle'; }"""
STARTING = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
CELLS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code').map(cell => {
    const outputs = cell.model.outputs.toJSON(), tags = cell.model.getMetadata('tags') || [];
    return { source: cell.model.sharedModel.getSource(), count: cell.model.executionCount,
        waits: cell.model.executionState === 'running'
            || !!cell.inputArea?.promptNode.textContent.includes('*'),
        error: outputs.filter(o => o.output_type === 'error')
            .map(o => `${o.ename}: ${o.evalue}`)[0] || '',
        allowed: tags.includes('raises-exception'),
        shown: cell.outputArea?.node.textContent || '' }; })"""
KERNEL = "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status"
# What lies beyond the right edge of the page, of the notebook, or of its own cell with nothing that
# scrolls it there.
TOO_WIDE = """() => { const found = [], notebook = jupyterapp.shell.currentWidget.content;
    for (const part of [document.documentElement, document.body, notebook.node, notebook.outerNode])
        if (part.scrollWidth > part.clientWidth + 1)
            found.push(`<${part.localName} class="${part.className}">`);
    const rightOf = part => part.getBoundingClientRect().right;
    const way = box => getComputedStyle(box).overflowX;
    const scrolls = box => /auto|scroll/.test(way(box));
    notebook.widgets.forEach((cell, number) => {
        const edge = rightOf(cell.node) + 1;
        const parts = '.jp-OutputArea-output *, .jp-MarkdownOutput *';
        for (const part of cell.node.querySelectorAll(parts)) {
            const right = rightOf(part);
            const passes = box => way(box) === 'visible' || right <= rightOf(box) + 1;
            // up to the first that scrolls, or cuts the part off
            let box = right > edge ? part.parentElement : null;
            while (box && box !== cell.node && !scrolls(box) && passes(box))
                box = box.parentElement;
            if (box && !scrolls(box))
                found.push(`cell ${number}: <${part.localName}> ${part.textContent.slice(0, 60)}`);
        } });
    return found; }"""
CLOSE = """async () => { const shown = jupyterapp.shell.currentWidget;
    await shown.context.save(); await shown.sessionContext.shutdown(); shown.dispose(); }"""


def browser_of(playwright):
    """A browser of this machine: the one of MAS_BROWSER, Chromium, Chrome or Edge.

    LookupError where none starts.
    """
    named = (
        WANTED
        if WANTED not in ("", "required")
        else next(filter(None, map(shutil.which, CHROMIUMS)), None)
    )
    for way in (
        [{"executable_path": named}] if named else [{"channel": "chrome"}, {"channel": "msedge"}]
    ):
        try:
            return playwright.chromium.launch(**way, args=ARGUMENTS)
        except Exception as error:
            said = str(error).splitlines()[0]
    raise LookupError(f"{HOW}. ({said})")


@contextmanager
def opened():
    """A browser of this machine; without one, skips the tests, or fails them where MAS_BROWSER
    wants one.
    """
    give_up = pytest.fail if WANTED else pytest.skip
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        give_up(
            "playwright is not installed. To fix it: pip install -e '.[check]' -c constraints.txt"
        )
    with sync_playwright() as playwright:
        try:
            browser = browser_of(playwright)
        except LookupError as error:
            give_up(str(error))
        yield browser
        browser.close()


@contextmanager
def served(folder):
    """The address of the course in JupyterLab, from a copy in that folder; at the end of the block
    it is stopped.
    """
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "site", "workshop")
    )
    spec = importlib.util.spec_from_file_location("start_of_the_copy", folder / "start.py")
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    start.PYTHON = Path(sys.executable)
    for name, text in start.SETTINGS.items():
        (start.VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (start.VENV / name).write_text(text, "utf-8")
    start.write_look()
    with socket.create_server(("127.0.0.1", 0)) as free:
        command = [str(part) for part in start.jupyterlab(free.getsockname()[1])]
    command += ["--no-browser", "--LabApp.expose_app_in_browser=True"]
    command += [f"--LabApp.app_settings_dir={start.VENV / 'share/jupyter/lab/settings'}"]
    variables = {
        name: value for name, value in start.environment().items() if not name.startswith("MAS_")
    }
    # what a kernel asks for outside is an error too
    variables["PYTHONPATH"] = str(ROOT / "tests" / "no_network")
    log = folder / "jupyterlab.log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=folder, env=variables, stdout=said, stderr=said)
    try:
        yield address(server, Path(variables["JUPYTER_RUNTIME_DIR"]), log)
    finally:
        server.terminate()  # it ends its kernels first
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def address(server, runtime, log):
    for _ in range(3000):
        texts = [path.read_text("utf-8") for path in runtime.glob("jpserver-*.json")]
        # not one that is still being written
        if whole := [text for text in texts if text.rstrip().endswith("}")]:
            return "{url}lab?token={token}".format(**json.loads(whole[0]))
        assert server.poll() is None, log.read_text("utf-8", errors="replace")
        time.sleep(0.1)
    raise AssertionError(
        f"JupyterLab was not up after 300 s: {log.read_text('utf-8', errors='replace')}"
    )


class Reader:
    """Somebody at a page of JupyterLab: what they do there, and what goes wrong meanwhile."""

    def __init__(self, browser, url):
        self.page, self.wrong = browser.new_page(viewport=WIDE), []
        self.page.on("console", lambda said: self.listen(said) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.hear(str(error)))
        self.page.on("request", lambda request: self.note(request.url))
        self.page.on("websocket", lambda socket: self.note(socket.url))
        self.page.goto(url)
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")

    def listen(self, said):
        self.hear(f"{said.text} ({said.location.get('url', '')})")

    def hear(self, text):
        self.wrong.append(f"the console says: {text}")

    def note(self, url):
        if urlsplit(url).hostname not in HERE:
            self.wrong.append(f"a request to the outside: {url}")

    def do(self, command, **arguments):
        call = "async ([name, how]) => { await jupyterapp.commands.execute(name, how); }"
        self.page.evaluate(call, [command, arguments])

    def open(self, lesson):
        self.do("docmanager:open", path=f"notebooks/{lesson}.ipynb")
        self.page.wait_for_function(READY, timeout=500_000)

    def choose(self, menu, command):
        """With the mouse: opens a menu of the bar and clicks."""
        self.page.locator(f".lm-MenuBar-itemLabel:text-is('{menu}')").click()
        self.page.locator(f".lm-Menu-item[data-command='{command}']").click()

    def cells(self):
        """The code cells."""
        return self.page.evaluate(CELLS)

    def wait_until(self, holds, seconds=500):
        """The code cells once that holds for them; an AssertionError names those that never ran."""
        end = time.monotonic() + seconds
        while not holds(cells := self.cells()):
            if time.monotonic() > end:
                waiting = [cell["source"] for cell in cells if cell["waits"] or not cell["count"]]
                kernel = self.page.evaluate(KERNEL)
                raise AssertionError(
                    f"After {seconds} s the kernel is {kernel}; cells that did not run: {waiting}"
                )
            self.page.wait_for_timeout(100)
        return cells

    def sees(self, script, about=None, seconds=20):
        """Whether this becomes true of the page in time."""
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.page.wait_for_function(script, arg=about, timeout=seconds * 1000)
        except TooLate:
            return False
        return True

    def close(self):
        """Closes the lesson and ends its kernel, and looks again as at first."""
        self.page.evaluate(CLOSE)
        # JupyterLab asks a new kernel for the state of its debugger, and says so if that ends first
        self.wrong = [one for one in self.wrong if "Could not restore the debugger" not in one]
        self.look()

    def look(self, size=WIDE, theme="Light"):
        self.page.set_viewport_size(size)
        self.do("apputils:change-theme", theme=f"JupyterLab {theme}")
