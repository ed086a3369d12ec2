"""Makes one run and dies in the middle of it, as in a power cut: FOLDER URL export|import SYSTEM COUNT.

An export dies when the system has carried out COUNT operations and none is recorded, an import after its first batch.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from accord.app import open_accord
from accord.connectors.base import Connector, ExportOperation, ExportOutcome, ReadBatch, ReadScope
from accord.runs.context import OpenedSystem
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import


class Dying:
    """A connector whose process dies."""

    def __init__(self, connector: Connector, count: int) -> None:
        self._connector = connector
        self._count = count

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        yield next(iter(self._connector.read(scope)))
        _die()

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        sent = operations[: self._count]
        if len(list(self._connector.write(sent, scope) if sent else ())) == len(sent):
            _die()
        yield from ()

    def close(self) -> None:
        self._connector.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, url: str, run: str, system: str, count: str) -> None:
    accord = open_accord(Path(folder), url=url or None, actor="doomed")
    open_system = accord.context.open_system

    def open_dying(name: str, _file: str | None = None) -> OpenedSystem:
        opened = open_system(name)
        return OpenedSystem(connector=Dying(opened.connector, int(count)), capabilities=opened.capabilities)  # type: ignore[arg-type]

    context = replace(accord.context, open_system=open_dying)
    {"export": run_export, "import": run_import}[run](context, system)
    sys.exit("it should have died")


if __name__ == "__main__":
    main(*sys.argv[1:])
