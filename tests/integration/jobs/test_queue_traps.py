"""What the queue's library would do by default: begin tasks twice, leave those of other code, talk to its vendor."""

import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import accord

DEADLINE_S = 60.0
SOURCE = Path(accord.__file__).parents[1]


@contextmanager
def queue_process(folder: Path, name: str, *task: str, environ: Mapping[str, str] | None = None) -> "Iterator[Queue]":
    """Lend a process at the queue in this folder; it is killed in the end, if not before."""
    url = f"sqlite:///{folder / 'jobs.db'}"
    with subprocess.Popen(
        [sys.executable, "-u", Path(__file__).with_name("queue_process.py"), url, name, *task],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})},
    ) as process:  # fmt: skip
        try:
            yield Queue(process)
        finally:
            process.kill()


class Queue:
    """A process at the queue."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def hear(self) -> str:
        """Return the next line it says."""
        assert self._process.stdout is not None
        said, _, _ = select.select([self._process.stdout], [], [], DEADLINE_S)
        assert said, "it says nothing"
        return self._process.stdout.readline().strip()

    def say(self, line: str) -> None:
        """Tell it something."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()


def test_a_task_that_goes_on_is_not_begun_again_by_who_comes(tmp_path: Path) -> None:
    with queue_process(tmp_path, "first", "t1") as first:
        assert first.hear() == "begun t1"
        # The library would call both processes by one name, and the second would take the first one's tasks for its.
        with queue_process(tmp_path, "second", "t2") as second:
            assert second.hear() == "begun t2"
            second.say("resume first")
            assert second.hear() == "resumed"
            first.kill()
            second.say("resume")
            assert second.hear() == "resumed t1"
            assert second.hear() == "begun t1"


def test_other_code_takes_over_from_the_dead_and_the_vendor_hears_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as console:
        environ = _of_the_vendor(*console.getsockname(), elsewhere=tmp_path / "elsewhere.db")
        with queue_process(tmp_path, "first", "t1", environ=environ) as first:
            assert first.hear() == "begun t1"
            first.kill()
        newer = {**environ, "PYTHONPATH": str(_other_code(tmp_path / "newer"))}
        with queue_process(tmp_path, "second", environ=newer) as second:
            second.say("resume")
            assert second.hear() == "resumed t1"
            assert second.hear() == "begun t1"
        called, _, _ = select.select([console], [], [], 0)
        assert not called, "the vendor was called"
    assert not (tmp_path / "elsewhere.db").exists()


def _of_the_vendor(host: str, port: int, *, elsewhere: Path) -> dict[str, str]:
    """Return an environment in which the library would go by its vendor's console, names and database."""
    return {
        "DBOS__CLOUD": "true", "DBOS__CONDUCTOR_APP_NAME": "a", "DBOS__CONDUCTOR_KEY": "k", "DBOS_APP_NAME": "a",
        "DBOS__CONDUCTOR_URL": f"ws://{host}:{port}", "DBOS__VMID": "local", "DBOS__APPVERSION": "9",
        "DBOS_SYSTEM_DATABASE_URL": f"sqlite:///{elsewhere}", "DBOS_DOMAIN": f"{host}:{port}",
    }  # fmt: skip


def _other_code(folder: Path) -> Path:
    """Return a copy of the code in which what performs a task is written otherwise."""
    shutil.copytree(SOURCE / "accord", folder / "accord", ignore=shutil.ignore_patterns("__pycache__"))
    module = folder / "accord" / "jobs" / "dbos_queue.py"
    code, known = module.read_text(encoding="utf-8"), "    if _performers:\n"
    assert known in code
    module.write_text(code.replace(known, f"    told = task\n{known}").replace("(task)", "(told)"), encoding="utf-8")
    return folder
