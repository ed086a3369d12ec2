"""What the queue's library would do by default: leave the tasks of other code for dead, and talk to its vendor."""

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

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()


def test_a_task_is_taken_over_by_other_code_than_began_it(tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(SOURCE / "accord", newer / "accord", ignore=shutil.ignore_patterns("__pycache__"))
    module = newer / "accord" / "jobs" / "dbos_queue.py"
    known = "    if _performers:\n"
    code = module.read_text(encoding="utf-8")
    assert known in code
    module.write_text(code.replace(known, f"    told = task\n{known}").replace("(task)", "(told)"), encoding="utf-8")
    with queue_process(tmp_path, "first", "t1") as first:
        assert first.hear() == "begun t1"
        first.kill()
    with queue_process(tmp_path, "second", environ={"PYTHONPATH": str(newer)}) as second:
        assert second.hear() == "resumed t1"
        assert second.hear() == "begun t1"


def test_the_vendor_hears_nothing_whatever_the_environment_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as console:
        host, port = console.getsockname()
        environ = {
            "DBOS__CLOUD": "true", "DBOS__CONDUCTOR_APP_NAME": "a", "DBOS__CONDUCTOR_KEY": "k", "DBOS_APP_NAME": "a",
            "DBOS__CONDUCTOR_URL": f"ws://{host}:{port}", "DBOS__VMID": "local", "DBOS__APPVERSION": "9",
            "DBOS_SYSTEM_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere.db'}", "DBOS_DOMAIN": f"{host}:{port}",
        }  # fmt: skip
        with queue_process(tmp_path, "first", "t1", environ=environ) as first:
            assert first.hear() == "begun t1"
            first.kill()
        with queue_process(tmp_path, "second", environ=environ) as second:
            assert second.hear() == "resumed t1"
            assert second.hear() == "begun t1"
        console.setblocking(False)
        try:
            called, _ = console.accept()
        except BlockingIOError:
            called = None
        else:
            called.close()
        assert called is None, "the vendor was called"
    assert not (tmp_path / "elsewhere.db").exists()
