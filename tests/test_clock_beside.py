"""What a tool may use beside an API call in virtual time: databases, queues, servers, processes. No
timer overtakes it, and it takes no virtual time while it is short.
"""

import asyncio
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx2
import pytest

from mas_helpers import HAIKU, Agent, connect, fake_client, run, trace
from mas_helpers.bench import Exchange, ModeError, Recording, Reply
from mas_helpers.bench.time import at_work
from mas_helpers.bench.time import loop as virtual

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets, pipes, processes")


def beside_a_call(look_up):
    """When a tool that looks something up and sleeps 1 s ended, and a call of 5 s beside it."""
    reply = {"content": [{"type": "text", "text": "x"}], "seconds": 5.0}
    agent = Agent("a", HAIKU, "s", client=fake_client(lambda body: reply))
    order = []

    async def tool():
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(30):
            assert await look_up() == "row"
        await asyncio.sleep(1)
        order.append(("tool", loop.time()))

    async def call():
        await agent.run("?")
        order.append(("reply", asyncio.get_running_loop().time()))

    async def main():
        await asyncio.gather(tool(), call())

    with trace() as t:
        run(main(), clock="virtual")
    return order, t.seconds


RIGHT = ([("tool", 1.0), ("reply", 5.0)], 5.0)


def test_aiosqlite():
    aiosqlite = pytest.importorskip("aiosqlite")

    async def look_up():
        async with aiosqlite.connect(":memory:") as database:
            await database.create_function("slow", 0, lambda: time.sleep(0.05) or "row")
            async with database.execute("SELECT slow()") as rows:
                return (await rows.fetchone())[0]

    assert beside_a_call(look_up) == RIGHT


def test_aiosqlite_again_and_again():
    aiosqlite = pytest.importorskip("aiosqlite")

    async def main():
        async with aiosqlite.connect(":memory:") as database:
            await database.create_function("slow", 0, lambda: time.sleep(0.01) or "row")
            for _ in range(20):
                async with asyncio.timeout(30):
                    async with database.execute("SELECT slow()") as rows:
                        assert (await rows.fetchone())[0] == "row"
                await asyncio.sleep(1)

    with trace() as t:
        run(main(), clock="virtual")
    assert t.seconds == 20.0


def test_janus():
    janus = pytest.importorskip("janus")

    async def look_up():
        queue = janus.Queue()

        def produce():
            time.sleep(0.05)
            queue.sync_q.put("row")

        thread = threading.Thread(target=produce)
        thread.start()
        found = await queue.async_q.get()
        thread.join()
        await queue.aclose()
        return found

    assert beside_a_call(look_up) == RIGHT


@posix_only
def test_a_pipe():
    async def look_up():
        reading, writing = os.pipe()

        def write():
            time.sleep(0.05)
            os.write(writing, b"row")
            os.close(writing)

        thread = threading.Thread(target=write)
        thread.start()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: protocol, open(reading, "rb")
        )
        found = (await reader.read()).decode()
        thread.join()
        transport.close()
        return found

    assert beside_a_call(look_up) == RIGHT


@posix_only
def test_a_unix_socket(tmp_path):
    path = str(Path(os.path.relpath(tmp_path)) / "s")  # a whole path may be too long

    def serve(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(9)
            time.sleep(0.05)
            connection.sendall(b"row\n")

    async def look_up():
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            thread = threading.Thread(target=serve, args=(listening,))
            thread.start()
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"?\n")
            found = (await reader.readline()).decode().strip()
            writer.close()
            thread.join()
        return found

    assert beside_a_call(look_up) == RIGHT


@posix_only
def test_a_subprocess():
    async def look_up():
        process = await asyncio.create_subprocess_exec("/bin/echo", "row", stdout=-1)
        return (await process.communicate())[0].decode().strip()

    (tool, reply), seconds = beside_a_call(look_up)
    assert tool[0] == "tool" and reply == ("reply", 5.0) and seconds == 5.0


def row_after_a_moment(number=0):
    time.sleep(0.05)
    return "row"


def send_row(connection):
    connection.send("ready")
    connection.recv()
    time.sleep(0.05)
    connection.send("row")


@pytest.mark.slow
def test_a_process_pool():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(row_after_a_moment).result() == "row"  # it has started

        async def look_up():
            return await asyncio.get_running_loop().run_in_executor(pool, row_after_a_moment)

        assert beside_a_call(look_up) == RIGHT


@pytest.mark.slow
def test_a_pool_of_multiprocessing():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(row_after_a_moment) == "row"

        async def look_up():
            return await asyncio.to_thread(pool.apply, row_after_a_moment)

        assert beside_a_call(look_up) == RIGHT


@posix_only
@pytest.mark.slow
def test_a_process_at_the_other_end_of_a_pipe():
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=send_row, args=(there,))
    process.start()
    assert here.recv() == "ready"

    async def look_up():
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(here.fileno(), readable.set)
        here.send("?")
        await readable.wait()
        loop.remove_reader(here.fileno())
        return here.recv()

    assert beside_a_call(look_up) == RIGHT
    process.join()
    here.close()
    there.close()


def aiohttp_parts():
    aiohttp = pytest.importorskip("aiohttp")
    from aiohttp import web

    async def page(request):
        await asyncio.sleep(float(request.query["seconds"]))
        return web.Response(text="row")

    async def serving():
        application = web.Application()
        application.router.add_get("/", page)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        return runner, f"http://127.0.0.1:{port}/?seconds="

    return aiohttp, serving


@pytest.mark.parametrize("client", ["aiohttp", "httpx2"])
def test_a_server_of_aiohttp_in_the_same_run(client):
    aiohttp, serving = aiohttp_parts()

    async def with_aiohttp(url):
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.text()

    async def with_httpx2(url):
        async with httpx2.AsyncClient(timeout=600) as session:
            return (await session.get(url)).text

    ask = with_aiohttp if client == "aiohttp" else with_httpx2

    async def look_up():
        runner, url = await serving()
        found = await ask(f"{url}2")  # the server's two seconds are virtual as well
        await runner.cleanup()
        return found

    order, seconds = beside_a_call(look_up)
    assert order == [("tool", 3.0), ("reply", 5.0)] and seconds == 5.0


# real servers of this machine


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ready):
    until = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    program = shutil.which("redis-server")
    pytest.importorskip("redis")
    if program is None:
        pytest.skip("needs redis-server (apt-get install redis-server)")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    settings = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_redis(redis_port):
    from redis.asyncio import Redis

    async def look_up():
        async with Redis(host="127.0.0.1", port=redis_port, decode_responses=True) as client:
            await client.set("k", "row")
            return await client.get("k")

    for _ in range(5):
        assert beside_a_call(look_up) == RIGHT


def test_redis_with_its_sync_client_in_a_thread(redis_port):
    from redis import Redis

    def ask():
        with Redis(host="127.0.0.1", port=redis_port, decode_responses=True) as client:
            client.set("k", "row")
            return client.get("k")

    async def look_up():
        return await asyncio.to_thread(ask)

    assert beside_a_call(look_up) == RIGHT


def test_a_wait_in_redis_takes_its_real_time(redis_port):
    """BLPOP answers when somebody pushes: here a thread, after a moment."""
    from redis import Redis as SyncRedis
    from redis.asyncio import Redis

    def push():
        time.sleep(0.1)
        with SyncRedis(host="127.0.0.1", port=redis_port) as client:
            client.rpush("list", "row")

    async def look_up():
        async with Redis(host="127.0.0.1", port=redis_port, decode_responses=True) as client:
            thread = threading.Thread(target=push)
            thread.start()
            _, found = await client.blpop("list", timeout=20)
            thread.join()
            return found

    assert beside_a_call(look_up) == RIGHT


def postgres_programs():
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in [*folders, Path(shutil.which("initdb") or "/").parent]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """The address of a new server of this machine."""
    pytest.importorskip("psycopg")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("needs the programs of Postgres (apt-get install postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    user: dict = {}
    if os.geteuid() == 0:  # it refuses to run as root
        import pwd

        user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        for path in [folder, *list(folder.parents)[:3]]:
            if path.name.startswith(("pytest", "postgres")) or "pytest" in str(path):
                path.chmod(0o755)
        shutil.chown(folder, "nobody")
    data, port = folder / "data", free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [programs / "initdb", "-D", data, "-A", "trust", "-U", "mas", "--no-sync"],
        check=True,
        **quiet,
        **user,
    )
    settings = ["-h", "127.0.0.1", "-p", str(port), "-c", "unix_socket_directories=", "-F"]
    process = subprocess.Popen([programs / "postgres", "-D", data, *settings], **quiet, **user)
    try:
        address = f"host=127.0.0.1 port={port} user=mas dbname=postgres"
        wait_until(lambda: is_ready(address))
        yield address
    finally:
        process.terminate()
        process.wait()


def is_ready(address):
    import psycopg

    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


@posix_only
@pytest.mark.slow
def test_postgres(postgres):
    import psycopg

    async def look_up():
        connection = await psycopg.AsyncConnection.connect(postgres)
        async with connection:
            rows = await connection.execute("SELECT 'row' FROM pg_sleep(0.05)")
            return (await rows.fetchone())[0]

    for _ in range(3):
        assert beside_a_call(look_up) == RIGHT


@posix_only
@pytest.mark.slow
def test_postgres_with_its_sync_client_in_a_thread(postgres):
    import psycopg

    def ask():
        with psycopg.connect(postgres) as connection:
            return connection.execute("SELECT 'row' FROM pg_sleep(0.05)").fetchone()[0]

    async def look_up():
        return await asyncio.to_thread(ask)

    assert beside_a_call(look_up) == RIGHT


# where the parts of Python are missing that tell who is at work


def without_positions(monkeypatch):
    """Bytecode that does not say which call is made: other Pythons."""
    monkeypatch.setattr(at_work, "_called_at", lambda code, instruction: None)


def without_waiters(monkeypatch):
    """A Condition that does not say whether it was notified."""

    def at_condition(ident, frame, real=at_work._at_condition):
        hidden = Hidden(frame.f_locals)
        return real(ident, hidden)

    class Hidden:
        f_back = None

        def __init__(self, names):
            self.f_locals = {**names, "self": object()}

    monkeypatch.setattr(at_work, "_at_condition", at_condition)


def without_frames(monkeypatch):
    """No list of what the threads of the process do."""
    monkeypatch.delattr(sys, "_current_frames")


MISSING = [without_positions, without_waiters, without_frames]


@pytest.mark.parametrize("missing", MISSING)
def test_without_it_work_in_threads_is_waited_for_all_the_same(missing, monkeypatch):
    missing(monkeypatch)

    async def look_up():
        return await asyncio.to_thread(row_after_a_moment)

    assert beside_a_call(look_up) == RIGHT


@pytest.mark.parametrize("missing", MISSING)
def test_without_it_a_thread_that_wakes_the_loop_is_waited_for_a_moment(missing, monkeypatch):
    missing(monkeypatch)

    async def look_up():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        threading.Timer(0.02, loop.call_soon_threadsafe, [done.set_result, "row"]).start()
        return await done

    assert beside_a_call(look_up) == RIGHT


@pytest.mark.parametrize("missing", MISSING)
def test_without_it_a_deadlock_is_told(missing, monkeypatch):
    missing(monkeypatch)
    monkeypatch.setattr(virtual, "STUCK_SECONDS", 0.1)

    async def main():
        await asyncio.Event().wait()

    with pytest.raises(virtual.Stuck, match="Every task waits"):
        run(main(), clock="virtual")


CODE = """
import asyncio
from mas_helpers import run, trace

async def main():
    await asyncio.to_thread(int)  # from here on a thread is there, at rest
    for _ in range(50):
        await asyncio.sleep(1)

with trace() as t:
    run(main(), clock="virtual")
print(t.seconds)
"""


@pytest.mark.slow
def test_threads_at_rest_hold_up_nothing_in_a_python_without_positions():
    environment = {**os.environ, "PYTHONNODEBUGRANGES": "1"}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.stdout == "50.0\n", done.stderr


# what the SDK's clients say elsewhere, and how long they wait between two tries


def test_trio_is_told_that_replay_is_asyncios():
    trio = pytest.importorskip("trio")
    client = fake_client(lambda body: "yes")
    asked = {"model": HAIKU, "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}

    async def main():
        await client.messages.create(**asked)

    with pytest.raises(ModeError, match=r"on asyncio only, and this is another event loop"):
        trio.run(main)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("2", 2.0),
        ("0", 0.5),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.5),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 0.5),
    ],
)
def test_the_wait_after_a_failure_is_the_same_in_each_run(said, wait, tmp_path):
    asked = {"model": HAIKU, "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}
    request = {"method": "POST", "path": "/v1/messages", "body": asked}
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    message = {"id": "m", "type": "message", "role": "assistant", "model": HAIKU, "content": []}
    replies = [Reply(429, 1.0, {"retry-after": said}, error), Reply(200, 3.0, {}, message)]
    exchanges = [Exchange("", request, reply) for reply in replies]
    Recording("busy", exchanges=exchanges).save(tmp_path / "busy.yaml")
    seconds = []
    for _ in range(3):
        client = connect("busy", folder=tmp_path, mode="replay")
        with trace() as t:
            run(client.messages.create(**asked), clock="virtual")
        seconds.append(t.seconds)
    assert seconds == [1.0 + wait + 3.0] * 3
