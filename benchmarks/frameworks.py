"""The orchestrator of lesson 07 in several frameworks, side by side.

    python examples/frameworks/run.py setup            once: a venv for each, some minutes
    python benchmarks/frameworks.py                    all that have a venv: 8 minutes
    python benchmarks/frameworks.py --only langgraph   one; the others' figures stay

A process beside this one plays the model: it checks requests and answers as the stand-in model
does, after 0.2 s, through both of its doors. Timed are fresh processes, in rounds: in each round
every framework has its turn, and figures are medians of the rounds. Results go to frameworks.json
beside this file; what wasn't measured is null there, with a reason under not_measured. A table of
them goes to README.md; --write makes it again without measuring.
"""

import ast
import asyncio
import datetime
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tokenize
import traceback
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import loopback
import report
from loopback import REPLY_SECONDS

HERE = Path(__file__).resolve()
PROJECT = HERE.parents[1]
FOLDER = PROJECT / "examples" / "frameworks"
RESULTS = HERE.with_suffix(".json")
_spec = importlib.util.spec_from_file_location("frameworks_run", FOLDER / "run.py")
examples = importlib.util.module_from_spec(_spec)  # which there are, and where their Pythons are
_spec.loader.exec_module(examples)
STEPS, BURSTS, ANSWERS, PATIENCE = 3, (100, 1000), 3, 240
FAILURES = {"500 always": (500, 99), "400 always": (400, 99), "500 once": (500, 1)}
ONCE_SECONDS = 15  # a burst that took longer isn't repeated in later rounds
WATCHED_SECONDS = 7  # after an answer: exporters send in batches, the slowest every 5 s
COLUMNS = [
    "lines",
    "packages",
    "megabytes",
    "versions",
    "license",
    "import",
    "orchestration",
    "at_once",
    "failures",
    "door",
    "recording",
    "telemetry",
]

TIMED = ["date", "machine", "rounds", "import", "orchestration", "at_once", "door"]


# ---- the model: the stand-in's checks and replies, in one thread, each after REPLY_SECONDS

KINDS = {
    "planner": b"You plan work for a public swimming pool",
    "data": b"You answer questions about the figures of a public swimming pool",
    "summary": b"You sum up what the visitors of a public swimming pool say",
    "code": b"You write Python for the cashier of a public swimming pool",
    "synthesizer": b"You answer a question of those who run a public swimming pool",
}


class Room:
    """What one run is answered, and what came of it; each run asks under a path of its own."""

    def __init__(self, fail=None, same=False):
        self.fail, self.same, self.seen, self.ready = fail, same, [], {}


class Model(loopback.Connection):
    """One connection."""

    rooms: dict[str, Room] = {}
    entries: list = []

    def serve(self, head, body):
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        room, _, path = target.partition("?")[0].removeprefix("/").partition("/")
        if path == "control":
            self.rooms[room] = Room(**json.loads(body))
            self.send(200, {})
        elif path == "seen":
            self.send(200, self.rooms[room].seen)
        else:
            answer = self.answer(self.rooms[room], "/" + path, head, body)
            self.later(self.send, *answer)

    def send(self, status, content):
        if not isinstance(content, bytes):
            content = loopback.as_response(json.dumps(content).encode(), status)
        self.transport.write(content)

    def answer(self, room, path, head, body):
        from mas_stand_in.messages_api import ApiError

        if room.same and path in room.ready:  # of a burst: the same request, checked once
            return 200, room.ready[path]
        kind = next((kind for kind, words in KINDS.items() if words in body), "other")
        try:
            self.fail(room, kind)
            content = self.content(path, head, body)
            status, error = 200, ""
        except ApiError as refused:
            status, error = refused.status, str(refused)
            content = {"type": "error", "error": refused.error, "request_id": "req_1"}
        asked = body.decode() if kind == "synthesizer" else ""
        seen = {"path": path, "kind": kind, "status": status, "bytes": len(body)}
        room.seen.append(seen | {"error": error, "asked": asked})
        if room.same and status == 200:
            room.ready[path] = loopback.as_response(json.dumps(content).encode())
        return status, content

    def fail(self, room, kind):
        from mas_stand_in.messages_api import ApiError

        if room.fail and kind == "data" and room.fail[1] > 0:
            room.fail[1] -= 1
            if room.fail[0] == 500:
                raise ApiError(500, "Internal server error", "api_error")
            raise ApiError(room.fail[0], "This request can't be answered")

    def content(self, path, head, body):
        from email import message_from_bytes

        from mas_stand_in import chat_completions as chat
        from mas_stand_in import messages_api as api
        from mas_stand_in.replies import fits, no_entry_fits

        headers = message_from_bytes(head.partition(b"\r\n")[2])
        chatting = path == chat.PATH
        (chat.check_key if chatting else api.check_headers)(headers)
        asked = chat.request_body(body) if chatting else api.request_body(path, body)
        if asked.get("stream"):
            raise api.ApiError(400, "This server doesn't stream")
        entry = next((one for one in self.entries if fits(one.get("when", {}), asked)), None)
        if entry is None:
            raise api.ApiError(400, no_entry_fits(asked, ["replies.yaml"]))
        message = api.message_for(entry["replies"][0], asked, 1)
        return chat.completion_of(message) if chatting else message


async def serve():
    from mas_stand_in import load

    Model.entries = load(FOLDER / "replies.yaml")
    await loopback.serve(Model)


def model():
    return loopback.beside(HERE, "--serve")


def ask(url, content=None):
    data = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as reply:
        return json.loads(reply.read())


# ---- the child: one framework in its own Python


def first_line(error):
    """What an error says first, without the folder and the port that differ in each run."""
    said = str(error).replace(os.path.join(os.environ.get("BENCH_FOLDER", ""), ""), "")
    said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", said)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def child_round(base_url, bursts):
    """A fresh process's import, then its orchestrations, then its bursts."""
    wall, cpu = time.perf_counter(), time.process_time()
    import orchestrator

    found = {
        "at_once": {},
        "import": {
            "seconds": time.perf_counter() - wall,
            "cpu_seconds": time.process_time() - cpu,
        },
    }
    import bench
    import prompts

    async def main():
        answer = orchestrator.build(base_url)
        for number in range(ANSWERS + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            await answer(prompts.QUESTION)
            if number:  # the first one warms up
                found.setdefault("seconds", []).append(time.perf_counter() - wall)
                found.setdefault("cpu_ms", []).append((time.process_time() - cpu) * 1e3)
        work = bench.build_worker(base_url.replace("/one-", "/same-"))
        await work("How many came in June?")
        for count in bursts:
            wall, cpu = time.perf_counter(), time.process_time()
            tasks = [work("How many came in June?") for _ in range(count)]
            came = await asyncio.gather(*tasks, return_exceptions=True)
            seconds, cpu_ms = time.perf_counter() - wall, (time.process_time() - cpu) * 1e3
            burst = {"seconds": seconds, "cpu_ms_a_call": cpu_ms / count}
            if wrong := [one for one in came if "480" not in str(one)]:
                what = wrong[0] if isinstance(wrong[0], BaseException) else ValueError(wrong[0])
                burst = {"error": f"{len(wrong)} of {count} failed: {first_line(what)}"}
            found["at_once"][str(count)] = burst

    asyncio.run(main())
    return found


def child_answer(base_url):
    async def ask_once(base_url):
        import orchestrator
        import prompts

        answer = orchestrator.build(base_url)
        nonlocal began
        began = time.perf_counter()
        return await answer(prompts.QUESTION)

    began = time.perf_counter()
    try:
        text = asyncio.run(ask_once(base_url))
        found = {"outcome": "answer", "text": str(text)}
    except Exception as error:
        root, seen = error, set()
        while (deeper := root.__cause__ or root.__context__) and id(deeper) not in seen:
            seen.add(id(deeper))  # an error may be its own cause: CrewAI raises such
            root = deeper
        found = {"outcome": "exception", "text": first_line(error), "root": first_line(root)}
    return found | {"seconds": time.perf_counter() - began}


def child_record(base_url):
    """An answer whose requests go through the bench's own transport."""
    import bench

    sys.path += [str(PROJECT), os.environ["BENCH_PACKAGES"]]  # what this venv lacks, at the end
    from mas_helpers.bench.transports.record import RecordTransport

    path = Path(os.environ["BENCH_FOLDER"]) / "recording.yaml"
    bench.hand_over(RecordTransport("recording", path))
    return child_answer(base_url) | {"how": bench.TRANSPORT}


def child_telemetry(base_url):
    """Where it tries to go beside the model; none of it gets out."""
    tried = {}

    def watch(event, details):
        if event == "socket.getaddrinfo":
            host, port = details[0], details[1]
        elif event == "socket.connect" and isinstance(details[1], tuple):
            host, port = details[1][:2]
        else:
            return
        host = host.decode() if isinstance(host, bytes) else host
        if host and host != "localhost" and not re.match(r"127\.|::1$", str(host)):
            tried[f"{host}:{port}"] = tried.get(f"{host}:{port}", 0) + 1
            raise OSError("this run has no network")

    sys.addaudithook(watch)
    found = child_answer(base_url)
    time.sleep(WATCHED_SECONDS)
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(5)
    return found | {"hosts": dict(tried)}


def child_packages(_):
    """What is in its venv, less pip and setuptools."""
    import sysconfig

    skipped = {"pip", "setuptools", "wheel"}
    found = {one.name: one for one in importlib.metadata.distributions()}
    names = sorted(name for name in found if name.lower() not in skipped)
    folder = Path(sysconfig.get_path("purelib"))
    files = [one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()]
    ours = re.compile(r"(pip|setuptools|pkg_resources|_distutils_hack|wheel)(-[\d.]+\.dist-info)?$")
    kept = [one for one in files if not ours.match(one.relative_to(folder).parts[0])]
    main = names_asked(Path(os.environ["BENCH_SYSTEM"]))[0]
    about = found[main].metadata if main in found else {}
    licensed = about.get("License-Expression") or about.get("License") or ""
    classified = [
        line.split(" :: ")[-1]
        for line in (about.get_all("Classifier") or [] if main in found else [])
        if line.startswith("License")
    ]
    return {
        "packages": len(names),
        "megabytes": sum(one.stat().st_size for one in kept) / 1e6,
        "versions": {name: found[name].version for name in names},
        "license": licensed.splitlines()[0][:60] if licensed else ", ".join(classified) or None,
    }


ACTIONS = {
    "answer": child_answer,
    "record": child_record,
    "telemetry": child_telemetry,
    "packages": child_packages,
}


def child(name, action, base_url, out):
    """Does one thing in this Python, and writes what it found."""
    os.environ["BENCH_SYSTEM"] = str(FOLDER / name)
    sys.path[0:1] = [str(FOLDER / name), str(FOLDER / "shared")]
    try:
        if action.startswith("round"):
            found = child_round(base_url, [int(one) for one in action.split(":")[1:]])
        else:
            found = ACTIONS[action](base_url)
    except Exception as error:
        traceback.print_exc()
        found = {"error": first_line(error)}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


# ---- the parent


def environment(**more):
    """That of a user who has set a key and nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.search(r"(?i)api_key|telemetry|tracing|otel|proxy|^PYTHON|base_url", name)
    }
    keys = {"ANTHROPIC_API_KEY": "stand-in", "OPENAI_API_KEY": "stand-in"}
    return kept | keys | {"PYTHONIOENCODING": "utf-8"} | more


def run_child(name, action, base_url="", python=None, patience=PATIENCE, **more):
    """What the child found; {"error": …} where it died."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        command = [
            str(python or examples.python_of(name)),
            str(HERE),
            "--child",
            name,
            action,
            base_url,
        ]
        try:
            done = subprocess.run(
                [*command, str(out)],
                cwd=folder,
                env=environment(HOME=folder, USERPROFILE=folder, BENCH_FOLDER=folder, **more),
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"no end within {patience} s"}
        if not out.exists():
            last = done.stderr.strip().splitlines()[-1:] or ["nothing said"]
            return {"error": f"it ended with {done.returncode}: {last[0]}"[:300]}
        found = json.loads(out.read_text(encoding="utf-8"))
        if recording := list(Path(folder).glob("recording.yaml*")):
            found["recording"] = recording[0].read_text(encoding="utf-8")
        if "error" in found:
            print(f"  {name} {action}: {found['error']}", file=sys.stderr)
        return found


def count_lines(path):
    """The lines of a Python file that hold code: not blank, no comment, no docstring."""
    source = path.read_text(encoding="utf-8")
    quoted = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                if isinstance(first.value.value, str):
                    quoted.update(range(first.lineno, first.end_lineno + 1))
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in (*nothing, tokenize.ENDMARKER):
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - quoted)


def names_asked(system):
    """The packages that a framework's requirements name; "." is this project."""
    lines = (system / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [re.split(r"[=\[]", line.split("#")[0].strip())[0] for line in lines]
    return ["mas-helpers" if one == "." else one for one in asked if one]


def machine():
    about = report.about_this_machine()
    return {
        "cpu": about["cpu"],
        "cpus": about["cores"],
        "python": about["python"],
        "os": about["system"],
        "load": about["load"],
    }


def empty_row(name):
    title = examples.constant_of(name, "TITLE")
    return {"title": title, "date": None, "machine": None, "rounds": None} | dict.fromkeys(COLUMNS)


class Bench:
    """The rows as they come; each is whole on its own, whatever becomes of the others."""

    def __init__(self, names, rounds, base_url):
        self.names, self.rounds, self.url = names, rounds, base_url
        about = {"date": datetime.date.today().isoformat(), "machine": machine()}
        self.rows = {name: empty_row(name) | about for name in names}
        self.writing = threading.Lock()
        self.why = {name: {} for name in names}
        self.off = {name: examples.constant_of(name, "TELEMETRY_OFF") for name in names}

    def room(self, name, **rules):
        ask(f"{self.url}/{name}/control", rules)
        return f"{self.url}/{name}"

    def lose(self, name, column, found):
        self.why[name][column] = found.get("error", "no figure came")

    def measure_packages(self, name):
        row = self.rows[name]
        row["lines"] = count_lines(FOLDER / name / "orchestrator.py")
        found = run_child(name, "packages")
        if "error" in found:
            for column in ("packages", "megabytes", "versions", "license"):
                self.lose(name, column, found)
        else:
            asked = [*names_asked(FOLDER / name), "anthropic", "openai"]
            wanted = {one.lower().replace("_", "-") for one in asked}
            row["packages"], row["license"] = found["packages"], found["license"]
            row["megabytes"] = round(found["megabytes"], 1)
            row["versions"] = {
                one: version
                for one, version in found["versions"].items()
                if one.lower().replace("_", "-") in wanted
            }
            if row["license"] is None:
                self.why[name]["license"] = "its wheel's metadata names none"

    def measure_rounds(self):
        came = {name: [] for name in self.names}
        bursts = {name: list(BURSTS) for name in self.names}
        for number in range(self.rounds):
            for name in self.names:
                one = self.room(f"one-{name}")
                self.room(f"same-{name}", same=True)
                action = ":".join(["round", *map(str, bursts[name])])
                found = run_child(name, action, one, **self.off[name])
                came[name].append(found)
                if "error" not in found:
                    self.note_requests(name, ask(f"{one}/seen"))
                    for count, burst in found["at_once"].items():
                        if burst.get("seconds", 0) > ONCE_SECONDS:
                            bursts[name].remove(int(count))
                print(f"  round {number + 1}: {name}", flush=True)
        for name, rounds in came.items():
            self.take_medians(name, rounds)

    def keep_times(self):
        """Without rounds, what is timed stays as it is in the file, with its day and machine."""
        for name, old in rows_of_file().items():
            if name in self.rows:
                self.rows[name] |= {column: old[column] for column in TIMED}
                self.why[name] |= {
                    column: reason
                    for column, reason in old["not_measured"].items()
                    if column.split(",")[0] in TIMED
                }

    def note_requests(self, name, seen):
        count = len(seen) / (ANSWERS + 1)
        count = int(count) if count == int(count) else round(count, 2)
        sent = sum(one["bytes"] for one in seen) / (ANSWERS + 1)
        self.rows[name]["orchestration"] = {"requests": count, "bytes_sent": round(sent)}
        doors = {"/v1/messages": "messages", "/v1/chat/completions": "chat completions"}
        self.rows[name]["door"] = ", ".join(sorted({doors[one["path"]] for one in seen}))

    def take_medians(self, name, rounds):
        row, good = self.rows[name], [one for one in rounds if "error" not in one]
        if not good:
            for column in ("import", "orchestration", "at_once", "door"):
                self.lose(name, column, rounds[-1] if rounds else {})
            return
        median = statistics.median
        row["rounds"] = len(good)
        row["import"] = {
            key: round(median(one["import"][key] for one in good), 3)
            for key in ("seconds", "cpu_seconds")
        }
        seconds = median(one for found in good for one in found["seconds"])
        row["orchestration"] = {
            "seconds": round(seconds, 4),
            "over_limit_seconds": round(seconds - STEPS * REPLY_SECONDS, 4),
            "cpu_ms": round(median(one for found in good for one in found["cpu_ms"]), 2),
        } | row["orchestration"]
        row["at_once"] = {}
        for count in map(str, BURSTS):
            bursts = [one["at_once"][count] for one in good if count in one["at_once"]]
            whole = [one for one in bursts if "error" not in one]
            row["at_once"][count] = {
                key: round(median(one[key] for one in whole), 3)
                for key in ("seconds", "cpu_ms_a_call")
            } if whole else None  # fmt: skip
            if not whole:
                self.lose(name, f"at_once, {count}", bursts[-1])

    def measure_failure(self, name, case):
        status, times = FAILURES[case]
        room = self.room(f"fail-{name}-{case.replace(' ', '-')}", fail=[status, times])
        found = run_child(name, "answer", room, **self.off[name])
        if "error" in found:
            return found
        seen = ask(f"{room}/seen")
        read = read_instead(seen) if found["outcome"] == "answer" else None
        return {
            "outcome": found["outcome"],
            "text": found["text"],
            "gap_named": None if read is None else bool(read),
            "read_instead": read,
            "tries": sum(one["kind"] == "data" for one in seen),
            "requests": len(seen),
            "seconds": round(found["seconds"], 1),
        }

    def measure_recording(self, name):
        room = self.room(f"record-{name}")
        packages = str(Path(importlib.metadata.distribution("httpx2").locate_file("")))
        found = run_child(name, "record", room, BENCH_PACKAGES=packages, **self.off[name])
        text = found.get("recording", "")
        kept, asked = len(re.findall(r"(?m)^ *-? *request:", text)), len(ask(f"{room}/seen"))
        whole = found.get("outcome") == "answer" and kept == asked > 0
        reason = found.get("error") or found.get("root", "")
        if not whole and not reason:
            reason = f"{asked} requests were sent, and {kept} came through the transport"
        return {
            "recorded": whole,
            "requests": kept,
            "how": found.get("how", ""),
            "reason": "" if whole else reason,
        }

    def measure_telemetry(self, name):
        untold = run_child(name, "telemetry", self.room(f"tell-{name}"))
        if "error" in untold:
            return untold
        told = run_child(name, "telemetry", self.room(f"hush-{name}"), **self.off[name])
        return {
            "hosts": untold["hosts"],
            "off_by": " ".join(f"{key}={value}" for key, value in self.off[name].items()),
            "hosts_when_off": told.get("hosts"),
        }

    def measure_beside(self, name):
        """What isn't timed to the millisecond, so several frameworks have their turn at once."""
        row = self.rows[name]
        failures = {case: self.measure_failure(name, case) for case in FAILURES}
        row["failures"] = failures
        for case, found in failures.items():
            if "error" in found:
                self.lose(name, f"failures, {case}", found)
                failures[case] = None
        row["recording"] = self.measure_recording(name)
        row["telemetry"] = self.measure_telemetry(name)
        if "error" in row["telemetry"]:
            self.lose(name, "telemetry", row["telemetry"])
            row["telemetry"] = None
        with self.writing:
            merge({name: row | {"not_measured": self.why[name]}})
        print(f"  written: {name}", flush=True)

    def measure(self):
        for name in self.names:
            self.measure_packages(name)
        if self.rounds:
            self.measure_rounds()
        else:
            self.keep_times()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self.measure_beside, self.names))


def read_instead(seen):
    """What the synthesizer read in place of the figures, "" where there's nothing; None where it
    read the figures.
    """
    asked = [one["asked"] for one in seen if one["kind"] == "synthesizer"]
    if not asked:
        return ""
    prompt = "\n".join(texts_in(json.loads(asked[-1])))
    if "84 + 112 + 131 + 153" in prompt:
        return None
    found = re.search(r"Task: Add up June's.*?left over\?\n(.*?)\n*(Task: |$)", prompt, re.DOTALL)
    return found[1].strip()[:200] if found else ""


def texts_in(value):
    """Each text in a request's body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


def merge(rows):
    """Writes the rows into the file of results; rows of other frameworks stay as they are."""
    both = rows_of_file() | rows
    found = {
        "reply_seconds": REPLY_SECONDS,
        "limit_seconds": round(STEPS * REPLY_SECONDS, 3),
        "rows": {name: both[name] for name in examples.NAMES if name in both},
    }
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    report.write_section("frameworks", section_of(found["rows"]))


def rows_of_file():
    return json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else {}


def section_of(rows):
    """A table for each day and machine, as the README shows it."""
    tables = {}
    for name, row in rows.items():
        about = {"date": row["date"], "load": row["machine"]["load"]}
        about |= {"cpu": row["machine"]["cpu"], "cores": row["machine"]["cpus"]}
        about |= {"system": row["machine"]["os"], "python": row["machine"]["python"]}
        tables.setdefault(report.machine_line(about), [HEADS]).append(cells_of(name, row))
    return "\n\n".join(
        f"{where}\n\n{report.fenced(aligned(table))}" for where, table in tables.items()
    )


HEADS = ["", "lines", "packages", "MB", "import s", "over 0.6 s", "CPU ms", "bytes sent"]
HEADS += ["ms a call, 100", "1,000", "a worker gets 500s", "400s", "recorded", "telemetry"]


def cells_of(name, row):
    def cell(*keys, places=None):
        value = row
        for key in keys:
            value = None if value is None else value[key]
        return "" if value is None else str(value) if places is None else f"{value:.{places}f}"

    def fate(case):
        found = (row["failures"] or {}).get(case)
        if found is None or found["outcome"] == "exception":
            return "exception" if found else ""
        read = found["read_instead"]
        return "gap named" if read.startswith("Missing: ") else "error as answer" if read else "gap"

    return [
        name,
        cell("lines"),
        cell("packages"),
        cell("megabytes", places=0),
        cell("import", "seconds", places=2),
        cell("orchestration", "over_limit_seconds", places=3),
        cell("orchestration", "cpu_ms", places=1),
        cell("orchestration", "bytes_sent"),
        *(cell("at_once", str(count), "cpu_ms_a_call", places=2) for count in BURSTS),
        fate("500 always"),
        fate("400 always"),
        {"True": "yes", "False": "no", "": ""}[cell("recording", "recorded")],
        cell("telemetry") and (", ".join(row["telemetry"]["hosts"]) or "none"),
    ]


def aligned(table):
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.rjust, line, widths)) for line in table]


def main():
    parser = report.options_for(__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=examples.NAMES, metavar="NAME", default=examples.NAMES
    )
    parser.add_argument("--rounds", type=int, default=3, help="3 unless told; 0 times nothing")
    options = parser.parse_args()
    if options.write:
        return merge({})
    there = [name for name in options.only if examples.python_of(name).exists()]
    for name in set(options.only) - set(there):
        print(f"{name} has no venv: python examples/frameworks/run.py setup {name}")
    if there:
        with model() as base_url:
            Bench(there, options.rounds, base_url).measure()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
