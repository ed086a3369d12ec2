"""The starter's configuration, kept by a server's store, with a system that is not fit to run; jobs done in place."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from accord.app import Server
from accord.model.errors import AccordError
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import import_folder
from accord.operations.configuration import begin
from accord.operations.execution import perform

_UNFIT = """
system: unfit
connector: ldap
settings: {url: "ldaps://127.0.0.1:1", bind_dn: "cn=x", password: "env:NOWHERE_TO_BE_FOUND"}
objects: {user: {anchor: entryUUID, attributes: {entryUUID: text, cn: text}}}
"""
_BAD_ROW = "E900,Bad,Row,sales,32.13.2020,,active\n"


def declare(server: Server, folder: Path) -> None:
    """Let the server's store keep the starter's configuration, with its data beside it."""
    begin(folder)
    (folder / "systems" / "unfit.yaml").write_text(_UNFIT, encoding="utf-8")
    shutil.copytree(folder / "data", server.places.data / "data")
    people = server.places.data / "data" / "people.csv"
    people.write_text(people.read_text(encoding="utf-8") + _BAD_ROW, encoding="utf-8")
    with server.writing("test") as context:
        import_folder(Desk(context), folder, reason="to begin", drafts=False, dry_run=False)


def work(server: Server) -> int:
    """Do every job that can have its turn, as a worker would; return how many were done."""
    done = 0
    with server.writing("worker") as context:
        for waiting in context.store.jobs.ready():
            activity = context.store.activities.read_by_guid(waiting.guid)
            started = context.store.jobs.start(activity.id, session=context.store.session.name, now=context.clock())
            if started is None:
                continue
            # The record tells how it ended.
            with suppress(AccordError):
                perform(replace(context, activity=started, actor=started.actor), started)
            done += 1
    return done
