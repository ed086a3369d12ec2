"""The one process that runs a job's Python scripts during a run: asked line by line, ended when it does not answer."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Thread

from accord.datasync.asking import Answer, Call
from accord.model.errors import SystemRefused

ROW_S = 2.0
MEMORY_BYTES = 512 * 2**20
_PATIENCE_S = 15.0
"""How long one answer may take all in all, also where the script's own clock cannot stop it."""

_MOST_STARTS = 5
_CHUNK = 500
_PROGRAM = Path(__file__).with_name("confined.py")


class PythonHost:
    """Runs Python scripts in a confined process, which is begun with the first call.

    A row on which the process dies is that row's error; it is begun again for the others, a few times.
    """

    def __init__(self, programs: Mapping[str, str], module: str, *, now: datetime, row_s: float = ROW_S) -> None:
        self._start = {
            "programs": dict(programs), "module": module, "now": now.isoformat(), "memory_bytes": MEMORY_BYTES,
            "row_s": row_s,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._left = b""

    @property
    def pid(self) -> int | None:
        """Return the process id while there is one."""
        return None if self._process is None else self._process.pid

    def ask(self, calls: Sequence[Call]) -> Iterator[Answer]:
        """Yield one answer for each call, in order; raise SystemRefused where scripts cannot be confined."""
        at = 0
        while at < len(calls):
            for answer in self._answers(calls[at : at + _CHUNK]):
                yield answer
                at += 1

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _answers(self, calls: Sequence[Call]) -> Iterator[Answer]:
        """Yield answers until the process dies, which is the last answer then."""
        process = self._process or self._begin()
        if process is None:
            yield Answer(error=f"scripts were ended {_MOST_STARTS} times and are not begun again")
            return
        text = b"".join(json.dumps(asdict(call)).encode() + b"\n" for call in calls)
        # Written beside: both pipes are full at some time.
        writer = Thread(target=_write, args=(process, text), daemon=True)
        writer.start()
        try:
            for _ in calls:
                answer = self._read(process)
                if answer is None:
                    self.close()
                    yield Answer(error="the script was ended: it took too much time or memory")
                    return
                yield _answer(answer)
        finally:
            writer.join(timeout=_PATIENCE_S)

    def _begin(self) -> subprocess.Popen[bytes] | None:
        if self._starts >= _MOST_STARTS:
            return None
        self._starts += 1
        self._left = b""
        self._process = process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", "-B", str(_PROGRAM)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", close_fds=True,
        )  # fmt: skip
        _write(process, json.dumps(self._start).encode() + b"\n")
        ready = self._read(process)
        if ready is None or not ready.get("ready") or ready.get("error"):
            self.close()
            if ready is not None and ready.get("error"):
                raise SystemRefused(f"the script fails as it begins: {ready['error']}", remedy="correct the script")
            raise SystemRefused(
                "Python scripts cannot be confined on this machine",
                remedy="run the server on Linux with seccomp, or write the script in Visual Basic",
            )
        return process

    def _read(self, process: subprocess.Popen[bytes]) -> dict[str, object] | None:
        """Return the next line, None when there will be none in time."""
        pipe = process.stdout
        deadline = time.monotonic() + _PATIENCE_S
        while pipe is not None and b"\n" not in self._left:
            if not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
                return None
            chunk = pipe.read1(65536)  # type: ignore[attr-defined]  # a buffered reader, as Popen makes it
            if not chunk:
                return None
            self._left += chunk
        line, _, self._left = self._left.partition(b"\n")
        found = json.loads(line)
        return found if isinstance(found, dict) else None


def _write(process: subprocess.Popen[bytes], text: bytes) -> None:
    try:
        if process.stdin is not None:
            process.stdin.write(text)
            process.stdin.flush()
    except (BrokenPipeError, ValueError):
        # It died, or was ended: whoever reads finds out.
        return


def _answer(said: Mapping[str, object]) -> Answer:
    results, staging, notes = said["results"], said["staging"], said["notes"]
    return Answer(
        results=results if isinstance(results, dict) else {},
        staging=staging if isinstance(staging, dict) else {},
        query=str(said["query"]),
        is_cancelled=bool(said["cancelled"]),
        error=str(said["error"]),
        program=str(said["program"]),
        notes=tuple(str(note) for note in notes) if isinstance(notes, list) else (),
    )
