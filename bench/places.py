"""Where a run happens: scratch databases, a broker and web servers of its own, all gone afterwards."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "var" / "bench"
OWN_PYTHON = ROOT / ".venv" / "bin" / "python"
PEERS = SCRATCH / "peers"
REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
WORKERS = 2


class Unusable(Exception):
    """Something that a run needs is not there. The text says what, and how to get it."""


@contextmanager
def database(server: str, name: str, template: str = "") -> Iterator[str]:
    """A new database with a random name on the server of the URL; dropped at the end. Yields its URL.

    Empty, or a copy of the one at the URL `template`, to which nobody may be connected then.
    """
    full = f"bench_{name}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        copied = sql.Identifier(urlsplit(template).path.lstrip("/") or "template1")
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(full), copied))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{full}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(full)))


def settle(url: str) -> None:
    """Vacuum, analyze and write out what was just loaded, so that the server does not do it during a measurement."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        try:
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            print("  (no right to CHECKPOINT: the server may still be writing)")


def server_of(url: str) -> str:
    """What PostgreSQL says it is. Raises Unusable when the URL leads nowhere or may not create databases."""
    needs = (
        "The benchmark needs a PostgreSQL whose role may create databases, for example:\n"
        "  DATABASE_URL=postgresql://postgres@127.0.0.1:5432/postgres make bench\n"
        "It makes databases of its own with random names, and drops them; the one in the URL is not touched."
    )
    if not url:
        raise Unusable(f"DATABASE_URL is not set.\n{needs}")
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT split_part(version(), ' ', 2), current_setting('fsync'), current_setting('synchronous_commit'),"
                " (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user)"
            ).fetchone()
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise Unusable(f"DATABASE_URL does not lead to PostgreSQL: {error}\n{needs}") from None
    assert row is not None
    version, fsync, commit, may_create = row
    if not may_create:
        raise Unusable(f"The role in DATABASE_URL may not create databases.\n{needs}")
    return f"PostgreSQL {version} (fsync {fsync}, synchronous_commit {commit})"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(name: str, command: Sequence[str | Path], env: Mapping[str, str], port: int) -> Iterator[None]:
    """A process that listens on the port within a minute; ended by its own id. Its output is in var/bench/logs."""
    logs = SCRATCH / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(list(command), cwd=ROOT, env=dict(env), stdout=output, stderr=output)
        try:
            _wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unusable(f"{log.stem} did not start. The end of {log}:\n{log.read_text()[-2000:]}")


@contextmanager
def web(name: str, python: Path, app: str, env: Mapping[str, str], worker_class: str) -> Iterator[int]:
    """The WSGI application under gunicorn: the same server, with the same flags, for everything that is compared."""
    port = free_port()
    command = [
        *(python, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)),
        *("--worker-class", worker_class, "--timeout", "240", "--no-control-socket", "--log-level", "warning"),
    ]
    if worker_class == "gthread":
        command += ["--threads", "4"]
    if Path("/dev/shm").is_dir():
        command += ["--worker-tmp-dir", "/dev/shm"]
    with running(name, command, env, port):
        yield port


@contextmanager
def broker() -> Iterator[str]:
    """A Redis of this run's own; without the program, the one of REDIS_URL."""
    program = shutil.which("redis-server")
    if program is None:
        if not os.environ.get("REDIS_URL"):
            raise Unusable(
                "The desk serves with Redis: install redis-server, or set REDIS_URL to one that you can spare."
            )
        yield os.environ["REDIS_URL"]
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running("redis", command, os.environ, port):
        yield f"redis://127.0.0.1:{port}/0"


def peers_python() -> Path:
    """The interpreter of the peers' environment, made or brought up to date as the requirements file says."""
    python, stamp = PEERS / "bin" / "python", PEERS / ".installed"
    if stamp.is_file() and stamp.read_text() == REQUIREMENTS.read_text() and python.exists():
        return python
    print(f"Installing what the desk is compared with into {PEERS.relative_to(ROOT)} (once) ...", flush=True)
    shutil.rmtree(PEERS, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        made = [uv, "venv", "--quiet", "--python", str(OWN_PYTHON), str(PEERS)]
        install = [uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(REQUIREMENTS)]
    else:
        made = [str(OWN_PYTHON), "-m", "venv", str(PEERS)]
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "-r", str(REQUIREMENTS)]
    env = {"UV_SYSTEM_CERTS": "true", **os.environ}
    for command in (made, install):
        if subprocess.run(command, env=env, check=False).returncode:
            raise Unusable(f"The peers could not be installed: {' '.join(command)}")
    stamp.write_text(REQUIREMENTS.read_text())
    return python


def clean_env(**values: str) -> dict[str, str]:
    """The environment without what would configure the desk, and with these."""
    configured = {
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "EMAIL_URL",
        "VAR_DIR",
        "DEMO_MODE",
        "DEBUG",
        "HTTPS",
        "PORT",
    }
    return {k: v for k, v in os.environ.items() if k not in configured} | values
