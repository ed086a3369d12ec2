"""Begins a job, and goes on with it only when told to, deaf to everything else: FOLDER URL GUID."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from accord.app import open_accord
from accord.connectors.base import Connector, ExportOperation, ExportOutcome, ReadBatch, ReadScope
from accord.model.errors import AccordError
from accord.operations.execution import perform
from accord.runs.context import OpenedSystem
from accord.runs.stopping import Stop
from accord.store.times import utc_now


class Deaf(Stop):
    def request(self, by: str) -> None:
        """Hear nothing: what holds a ghost back must not depend on its good will."""


class Pausing:
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        sys.stdin.readline()
        yield from self._connector.read(scope)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        yield from self._connector.write(operations, scope)

    def close(self) -> None:
        self._connector.close()


def main(folder: str, url: str, guid: str) -> None:
    with open_accord(Path(folder), url=url or None, actor="ghost") as accord:
        store = accord.store
        waiting = store.activities.read_by_guid(guid)
        started = store.jobs.start(waiting.id, session=store.session.name, now=utc_now())
        assert started is not None
        open_system = accord.context.open_system

        def open_pausing(name: str, _file: str | None = None) -> OpenedSystem:
            return replace(open_system(name), connector=Pausing(open_system(name).connector))  # type: ignore[arg-type]

        context = replace(accord.context, activity=started, open_system=open_pausing, stop=Deaf())
        try:
            perform(context, started)
        except AccordError as error:
            sys.stdout.write(f"{error.code}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
