"""What private database servers have in common: a folder, a port of their own, a life that ends with the test's."""

import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from accord.model.errors import SystemUnavailable
from accord.testing.private_server import ServerUser, end, free_port, server_user, wait_until

_ATTEMPTS = 3
_START_TIMEOUT_S = 60.0


class PrivateDatabase(ABC):
    """One private server with its data in `folder`, or in a temporary folder of its own that goes with it.

    Run as root, the server runs as the user of its package, and the parents of `folder` are made passable for it.
    """

    account: ClassVar[str]
    """The user of the package, who runs the server when root starts it."""

    endings: ClassVar[Sequence[signal.Signals]] = (signal.SIGTERM,)
    """The signals that end the server: the next when the one before did not within a while."""

    def __init__(self, folder: Path | None = None, *, options: Sequence[str] = ()) -> None:
        self._options = tuple(options)
        self._folder = folder
        self._stop: weakref.finalize[..., PrivateDatabase] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Return the port on 127.0.0.1; 0 before the first start."""
        return self._port

    def start(self) -> None:
        """Make the data folder if it is not there, start the server, return when it answers."""
        if self._stop is not None and self._stop.alive:
            return
        self.require_programs()
        temporary = self._folder is None
        folder = self._folder or Path(tempfile.mkdtemp(prefix=f"accord-{self.account}-"))
        user = server_user(self.account)
        folder.mkdir(parents=True, exist_ok=True)
        user.own(folder)
        data = folder / "data"
        if not data.exists():
            self.make_data(data, user)
        process = self._launch(data, user)
        self._stop = weakref.finalize(
            self, _stop, process, folder if temporary else None, os.getpid(), tuple(self.endings)
        )

    def stop(self) -> None:
        """End the server by its own pid; a temporary folder goes with it. May be repeated."""
        if self._stop is not None:
            self._stop()

    @abstractmethod
    def require_programs(self) -> None:
        """Raise SystemUnavailable when the server's programs are not installed."""

    @abstractmethod
    def make_data(self, data: Path, user: ServerUser) -> None:
        """Make the data folder."""

    @abstractmethod
    def command(self, data: Path, port: int) -> list[str]:
        """Return the command line of the server."""

    @abstractmethod
    def is_ready(self, data: Path, log: Path) -> bool:
        """Tell whether the server itself says that it takes connections."""

    def _launch(self, data: Path, user: ServerUser) -> "subprocess.Popen[bytes]":
        """Start the server; on another port when somebody took ours in the moment between."""
        for attempt in range(1, _ATTEMPTS + 1):
            port = free_port()
            log = data.parent / f"server-{port}.log"
            command = self.command(data, port)
            process = user.start(command, folder=data, log=log, orphaned=self.endings[0])
            try:
                wait_until(
                    lambda log=log: self.is_ready(data, log),  # type: ignore[misc]
                    process=process,
                    log=log,
                    timeout_s=_START_TIMEOUT_S,
                )
            except SystemUnavailable:
                end(process, self.endings[-1])
                if attempt == _ATTEMPTS:
                    raise
                continue
            self._port = port
            return process
        raise AssertionError


def _stop(
    process: "subprocess.Popen[bytes]", temporary: Path | None, started_by: int, endings: tuple[signal.Signals, ...]
) -> None:
    # A forked child inherits the finaliser; the server is not the child's to end.
    if os.getpid() != started_by:
        return
    end(process, *endings)
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
