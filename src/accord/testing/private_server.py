"""What private test servers share: a free port, an unprivileged user, a folder that user can reach, an end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.model.errors import SystemUnavailable

_POLL_S = 0.02
_LOG_TAIL_CHARACTERS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """Who runs a server: an account by name, or ourselves when `name` is None."""

    name: str | None = None

    def run(self, command: Sequence[str], *, folder: Path) -> None:
        """Run a command to its end in the folder; raise SystemUnavailable with what it said when it fails."""
        done = subprocess.run(  # noqa: S603 - a fixed command of ours, no shell
            command, cwd=folder, check=False, capture_output=True, text=True, user=self.name,
            group=self._group(), extra_groups=self._extra_groups(), env=_environment(folder),
        )  # fmt: skip
        if done.returncode:
            raise SystemUnavailable(
                f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr[-_LOG_TAIL_CHARACTERS:]}",
                place=str(folder),
                remedy="run the command by hand in that folder",
            )

    def start(
        self, command: Sequence[str], *, folder: Path, log: Path, orphaned: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Start a server with its output in a log file; it runs until `end`.

        `orphaned` is the signal it gets when we are killed before that, on systems with setpriv.
        """
        setpriv = shutil.which("setpriv")
        # The signal comes when the thread that started the server ends, so only the main thread may ask for it.
        if setpriv is not None and threading.current_thread() is threading.main_thread():
            command = [setpriv, "--pdeathsig", orphaned.name.removeprefix("SIG"), *command]
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - a fixed command of ours, no shell
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, user=self.name,
                group=self._group(), extra_groups=self._extra_groups(), env=_environment(folder),
                start_new_session=True,
            )  # fmt: skip

    def own(self, folder: Path) -> None:
        """Give the folder to the user and let the user pass its parents."""
        if self.name is None:
            return
        entry = pwd.getpwnam(self.name)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        for parent in folder.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode & 0o7777 | 0o011)

    def _group(self) -> int | None:
        return None if self.name is None else pwd.getpwnam(self.name).pw_gid

    def _extra_groups(self) -> list[int] | None:
        return None if self.name is None else []


def server_user(*names: str) -> ServerUser:
    """Return ourselves, or the first of the accounts there is when we are root: servers refuse to run as root."""
    if os.geteuid() != 0:
        return ServerUser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return ServerUser(name=next((name for name in (*names, "nobody") if name in known), None))


def free_port() -> int:
    """Return a port of the loopback interface nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_ready: Callable[[], bool], *, process: subprocess.Popen[bytes], log: Path, timeout_s: float) -> None:
    """Return when the server is ready; raise SystemUnavailable with the end of its log when it ends or hangs."""
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            why = "ended at its start" if process.poll() is not None else f"is not ready after {timeout_s:g} s"
            said = log.read_text(errors="replace")[-_LOG_TAIL_CHARACTERS:] if log.exists() else ""
            raise SystemUnavailable(f"the server {why}: {said}", place=str(log), remedy="read its log")
        time.sleep(_POLL_S)


def end(process: subprocess.Popen[bytes], *signals: signal.Signals, timeout_s: float = 15.0) -> None:
    """End a server of ours by its pid, with the first signal that works; one that has ended is left alone."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            continue


def _environment(folder: Path) -> dict[str, str]:
    """Return a fixed environment: message language and temporary folder do not depend on who runs the tests."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TMPDIR": str(folder), "TZ": "UTC"}
