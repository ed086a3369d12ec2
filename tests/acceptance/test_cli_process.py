"""The console script as a process of its own: signals, pipes, terminals, speed."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accord.model.errors import NotFound, SystemUnavailable, UsageError
from accord.store import open_store
from accord.store.activities import ActivityState

ACCORD = [sys.executable, "-m", "accord"]
HEAVY = ("duckdb", "pyarrow", "sqlalchemy", "alembic", "pydantic", "adbc_driver_manager", "structlog", "asyncio")
SELDOM = ("sqlalchemy", "alembic", "structlog", "fastapi", "scipy", "charset_normalizer", "rapidfuzz", "fastexcel")


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_") and k not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "COLUMNS": "100", "TERM": "xterm-256color"}


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Path:
    subprocess.run([*ACCORD, "init", tmp_path / "p"], env=environment, check=True, capture_output=True)
    return tmp_path / "p"


def call(environment: dict[str, str], *tokens: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ACCORD, *map(str, tokens)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_help_needs_none_of_the_heavy_libraries(environment: dict[str, str]) -> None:
    code = (
        "import sys; from accord.cli.main import run; run(['--help']); run(['plan', '--help']); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
    assert "Synchronise" in ended.stdout


def test_looking_needs_none_of_what_few_commands_need(project: Path, environment: dict[str, str]) -> None:
    call(environment, "cycle", "-c", project)
    code = (
        "import sys; from accord.cli.main import run; code = run(['status', '-c', sys.argv[1]]); "
        f"print(code, [m for m in {SELDOM!r} if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, project], env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stderr.strip() == "0 []"


def test_version_is_that_of_the_package(environment: dict[str, str]) -> None:
    assert call(environment, "--version").stdout.strip() == "0.1.0"


def test_an_unexpected_error_is_told_in_one_line_and_in_full_on_request(
    project: Path, environment: dict[str, str]
) -> None:
    code = (
        "import sys; from accord.cli import main; from accord.operations import status\n"
        "def broken(context): raise ValueError('a mistake')\n"
        "status.read_status = broken; sys.exit(main.run(['status', '-c', sys.argv[1]]))"
    )

    def ended(**more: str) -> subprocess.CompletedProcess[str]:
        start = [sys.executable, "-c", code, project]
        return subprocess.run(start, env={**environment, **more}, capture_output=True, text=True, check=False)

    told = ended()
    assert told.returncode == 1
    assert told.stderr.startswith("error[INTERNAL]: ValueError: a mistake")
    assert "Traceback" not in told.stderr
    assert "Traceback" in ended(ACCORD_DEBUG="1").stderr


def test_a_wrong_setting_of_the_environment_is_named(project: Path, environment: dict[str, str]) -> None:
    ended = call({**environment, "ACCORD_THREADS": "many"}, "status", "-c", project)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error[CONFIG_ERROR]: ACCORD_THREADS: 'many'")
    assert "remedy: set it like ACCORD_THREADS=4" in ended.stderr


def test_a_reader_that_has_seen_enough_is_no_error(project: Path, environment: dict[str, str]) -> None:
    call(environment, "cycle", "-c", project)
    with (project / "data" / "people.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{n},First{n},Last{n},sales,01.03.2015,,active\n" for n in range(2000, 6000))
    process = subprocess.Popen(
        [*ACCORD, "plan", "--import", "-o", "csv", "-c", project],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as out, process.stderr as err:
        assert out.readline().startswith("area,system")
        out.close()
        words = err.read()
    assert process.wait() == 0
    assert "Broken" not in words


# In the reading, in the very writes that tell of the beginning, and in whatever comes after.
@pytest.mark.parametrize(("number", "after_s"), [(signal.SIGINT, 0.0), (signal.SIGTERM, 0.05), (signal.SIGINT, 0.7)])
def test_a_cancelled_run_is_recorded_as_cancelled(
    project: Path, environment: dict[str, str], number: signal.Signals, after_s: float
) -> None:
    with (project / "data" / "people.csv").open("a", encoding="utf-8") as file:
        # So many that a fast machine is still at it when it is looked at.
        file.writelines(f"{n},First{n},Last{n},sales,01.03.2015,,active\n" for n in range(2000, 600_000))
    with subprocess.Popen(
        [*ACCORD, "run", "people", "full-import", "-c", project],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            _wait_for(lambda: _is_running(project) or process.poll() is not None)
            time.sleep(after_s)
            process.send_signal(number)
            _, words = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, words
    assert "cancelled" in words
    assert [a["state"] for a in _activities(project, environment)] == ["cancelled"]


def test_apply_asks_on_a_terminal_and_nowhere_else(project: Path, environment: dict[str, str]) -> None:
    call(environment, "plan", "--import", "-c", project)
    with _terminal([*ACCORD, "apply", "P3", "-c", str(project)], environment) as (master, process):
        _read_until(master, b"[y/N] ")
        os.write(master, b"n\n")
        assert b"nothing was done" in _read_until(master, b"nothing was done")
        assert process.wait(30) == 130
    assert json.loads(call(environment, "plans", "-o", "json", "-c", project).stdout)[0]["state"] == "ready"
    assert call(environment, "apply", "P3", "-c", project).returncode == 0


def test_a_terminal_gets_colours_and_progress_unless_it_declines(project: Path, environment: dict[str, str]) -> None:
    with _terminal([*ACCORD, "cycle", "-c", str(project)], environment) as (master, process):
        shown = _read_all(master)
        assert process.wait(30) == 0
    assert b"\x1b[32m" in shown
    assert "━".encode() in shown
    plain = {**environment, "NO_COLOR": "1"}
    with _terminal([*ACCORD, "cycle", "-q", "-c", str(project)], plain) as (master, process):
        shown = _read_all(master)
        assert process.wait(30) == 0
    assert b"\x1b[3" not in shown
    assert "━".encode() not in shown
    assert "\x1b" not in call(environment, "status", "-c", project).stdout


def _activities(project: Path, environment: dict[str, str]) -> list[dict[str, str]]:
    listed = call(environment, "activities", "-o", "json", "-c", project)
    found: list[dict[str, str]] = json.loads(listed.stdout) if listed.returncode == 0 else []
    return found


def _is_running(project: Path) -> bool:
    try:
        with open_store(project / ".accord", read_only=True) as store:
            return bool(store.activities.list(state=ActivityState.RUNNING))
    except (NotFound, UsageError, SystemUnavailable):
        # The store is being made just now.
        return False


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"


class _terminal:  # noqa: N801 - used as a statement
    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment

    def __enter__(self) -> tuple[int, subprocess.Popen[bytes]]:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        return self._master, self._process

    def __exit__(self, *_: object) -> None:
        os.close(self._master)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _read_until(master: int, wanted: bytes) -> bytes:
    seen = b""
    for piece in _pieces(master):
        seen += piece
        if wanted in seen:
            return seen
    raise AssertionError(f"{wanted!r} did not come: {seen!r}")


def _read_all(master: int) -> bytes:
    return b"".join(_pieces(master))


def _pieces(master: int) -> Iterator[bytes]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            piece = os.read(master, 65_536)
        except OSError:
            # Linux says so when the last process has closed the terminal.
            return
        if not piece:
            return
        yield piece
