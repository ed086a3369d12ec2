"""DataSync jobs and a directory's containers, for a showcase: run, previewed, scheduled, collected, chosen."""

import json

from accord.app import Server
from accord.operations.administration.desk import Desk
from accord.operations.administration.naming import wanted_ids
from accord.operations.datasync.jobs import create_collection
from accord.operations.datasync.providers import create_provider
from accord.operations.datasync.schedules import create_schedule
from offices import Office, excel, table_job, text_file

BRANCHES = """
system: branches
connector: ldap
settings:
  url: "ldaps://127.0.0.1:1"
  bind_dn: "cn=accord,dc=example,dc=org"
  password: "env:NOWHERE_TO_BE_FOUND"
  partitions: ["dc=example,dc=org"]
  containers:
    - {dn: "ou=people,dc=example,dc=org"}
    - {dn: "ou=left,ou=people,dc=example,dc=org", mode: exclude}
    - {dn: "ou=Zurich,ou=branches,dc=example,dc=org", scope: one_level}
objects: {user: {anchor: entryUUID, attributes: {entryUUID: text, cn: text}}}
"""
"""A directory that nobody reaches; what it said when it was asked is known all the same."""

_BRANCHES = ("Zurich", "Berlin", "Oslo", "Lisbon", "a branch with a name that is longer than any sensible one would be")
_BELOW = ("ou=people", "ou=left,ou=people", "ou=groups", "ou=branches", *(f"ou={b},ou=branches" for b in _BRANCHES))


def know_containers(server: Server) -> None:
    """Remember the tree of the directory as if it had been asked."""
    root = "dc=example,dc=org"
    said = [{"dn": f"{dn},{root}", "description": "who left" if "left" in dn else ""} for dn in _BELOW]
    with server.writing("anna") as context:
        kept = context.store.configurations
        kept.keep_discovery("branches", "hierarchy", json.dumps([{"dn": root, "containers": said}]), at=context.clock())
        desk = Desk(context)
        kept.ids.settle(wanted_ids(context, desk.read, desk.configured.kind_of))


def sync_data(server: Server) -> int:
    """Run and preview a job from a sheet to a text file, with a row that cannot be written; return the job."""
    office = Office(server=server, folder=server.places.data)
    office.fill([("Anna", "Meyer", "1"), ("Bo", "Lind", "2"), ("No", "Number", "")], header=("First", "Last", "No"))
    with server.writing("anna") as context:
        create_provider(context, excel(office.workbook))
        create_provider(context, text_file(server.places.data / "out.csv"))
    job = office.create(table_job())
    office.run(job)
    office.preview(job)
    with server.writing("anna") as context:
        both = create_collection(context, {"jobCollectionInfo": {"name": "Both offices"}, "jobs": [table_job()]})
        trigger = {"type": "Weekly", "days": ["monday"], "at": "05:15"}
        body = {"name": "Early on Mondays", "triggers": [trigger], "jobs": [job], "collections": [both]}
        create_schedule(context, body)
    return job
