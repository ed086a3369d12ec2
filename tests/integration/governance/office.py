"""An office to govern: people in a file, their accounts and groups in a real directory, applications in a database."""

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from accord.app import Server
from accord.model.errors import AccordError
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import import_folder
from accord.operations.execution import perform
from accord.testing.private_slapd import PrivateSlapd

PASSWORD = "OFFICE_LDAP_PASSWORD"
BASE = "dc=example,dc=org"
_COLUMNS = ("number", "first", "last", "department", "title", "manager", "mail", "status")
_FILES = {
    "systems/hr": """
system: hr
connector: csv
settings: {path: data/hr.csv}
objects:
  person:
    anchor: number
    attributes: {number: text, first: text, last: text, department: text, title: text, manager: text, mail: text,
      status: text}
""",
    "systems/directory": """
system: directory
connector: ldap
settings:
  url: "@URL@"
  ca_file: "@CA@"
  bind_dn: "@BIND@"
  password: env:OFFICE_LDAP_PASSWORD
  containers:
    - dn: ou=people,dc=example,dc=org
    - dn: ou=groups,dc=example,dc=org
  objects:
    user: {object_class: inetOrgPerson}
    group: {object_class: groupOfNames}
objects:
  user:
    anchor: entryUUID
    attributes: {uid: text, cn: text, sn: text, mail: text, employeeNumber: text, manager: reference}
  group:
    anchor: entryUUID
    attributes: {cn: text, description: text, owner: {type: reference, multivalued: true},
      member: {type: reference, multivalued: true}}
""",
    "systems/cmdb": """
system: cmdb
connector: sql
settings:
  url: sqlite:///data/cmdb.db
  objects: {application: {table: applications}}
objects:
  application:
    anchor: code
    attributes: {code: text, name: text, criticality: text, owner: text, environment: text}
""",
    "types/person": """
type: person
display: mail
attributes: {employee_id: text, first: text, last: text, department: text, title: text, mail: text, status: text}
""",
    "types/service": "type: service\ndisplay: uid\nattributes: {uid: text, owner_type: text}\n",
    "types/group": """
type: group
display: name
attributes: {name: text, description: text, member: {type: reference, multivalued: true}}
""",
    "types/application": """
type: application
display: name
attributes: {code: text, name: text, criticality: text, owner: text, environment: text}
""",
    "rules/hr-person": """
rule: hr-person
direction: inbound
system: hr
object: person
identity: person
order: 10
join: [{number: employee_id}]
project: true
flows: {employee_id: number, first: first, last: last, department: department, title: title, mail: mail, status: status}
""",
    "rules/directory-user": """
rule: directory-user
direction: inbound
system: directory
object: user
identity: person
order: 20
scope: '"employeeNumber" is not null'
join: [{employeeNumber: employee_id}]
flows: {}
""",
    "rules/directory-service": """
rule: directory-service
direction: inbound
system: directory
object: user
identity: service
order: 30
scope: '"employeeNumber" is null'
join: [{uid: uid}]
project: true
flows: {uid: uid}
""",
    "rules/directory-group": """
rule: directory-group
direction: inbound
system: directory
object: group
identity: group
order: 40
join: [{cn: name}]
project: true
flows: {name: cn, description: description, member: member}
""",
    "rules/cmdb-application": """
rule: cmdb-application
direction: inbound
system: cmdb
object: application
identity: application
order: 50
join: [{code: code}]
project: true
flows: {code: code, name: name, criticality: criticality, owner: owner, environment: environment}
""",
}

Row = Mapping[str, str]


def person(number: int, **values: str) -> dict[str, str]:
    """Return one person's row; everybody reports to number 1, every third works in finance."""
    row = {
        "number": f"E{number:04}", "first": f"Ann{number}", "last": f"Lee{number}",
        "department": "finance" if number % 3 == 0 else "sales", "title": "clerk",
        "manager": "" if number == 1 else "E0001", "mail": f"ann{number}@example.org", "status": "active",
    }  # fmt: skip
    return {**row, **values}


def user_dn(name: str) -> str:
    """Return where an account is."""
    return f"uid={name},ou=people,{BASE}"


def group_dn(name: str) -> str:
    """Return where a group is."""
    return f"cn={name},ou=groups,{BASE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The sources and how to change them, the server that reads them, and a client that asks it."""

    folder: Path
    directory: PrivateSlapd
    server: Server
    client: httpx.Client

    def run(self, job_type: str, **parameters: object) -> dict[str, Any]:
        """Start a job over HTTP, do it as a worker would, and return how it ended."""
        queued = self.client.post("/api/v1/jobs", json={"job_type": job_type, "parameters": parameters})
        assert queued.status_code == 202, queued.text
        work(self.server)
        return self.ask(f"/api/v1/jobs/{queued.json()['id']}")

    def ask(self, address: str, **parameters: object) -> Any:
        """Return what the server answers."""
        answer = self.client.get(address, params={k: str(v) for k, v in parameters.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, address: str, body: Mapping[str, object]) -> Any:
        """Return what the server answers to a body."""
        answer = self.client.post(address, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def keep_policy(self, policy: Mapping[str, object]) -> None:
        """Keep a policy."""
        answer = self.client.put("/api/v1/policies", json=policy)
        assert answer.status_code == 200, answer.text

    def write_people(self, rows: Iterable[Row]) -> None:
        """Make the HR file exactly these rows."""
        write_people(self.server.places.data, rows)

    def write_applications(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Make the table of applications exactly these: code, name, owner."""
        write_applications(self.server.places.data, rows)

    def join(self, group: str, member: str) -> None:
        """Put somebody into a group of the directory."""
        self.change(group, [(0, "member", [member.encode()])])

    def leave(self, group: str, member: str) -> None:
        """Take somebody out of a group of the directory."""
        self.change(group, [(1, "member", [member.encode()])])

    def add_groups(self, names: Iterable[str], member: str) -> None:
        """Make groups of one member."""
        with connected(self.directory) as connection:
            for name in names:
                _add(connection, group_dn(name), "groupOfNames", cn=[name], member=[member])

    def drop_groups(self, names: Iterable[str]) -> None:
        """Delete groups."""
        with connected(self.directory) as connection:
            for name in names:
                connection.delete_s(group_dn(name))

    def change(self, dn: str, changes: Sequence[tuple[int, str, list[bytes]]]) -> None:
        """Change an entry of the directory."""
        with connected(self.directory) as connection:
            connection.modify_s(dn, list(changes))


def declare(server: Server, directory: PrivateSlapd, folder: Path) -> None:
    """Let the server's store keep the office's configuration."""
    places = {"@URL@": directory.ldaps_url, "@CA@": str(directory.ca_file), "@BIND@": directory.admin_dn}
    for name, text in _FILES.items():
        for place, value in places.items():
            text = text.replace(place, value)  # noqa: PLW2901
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    with server.writing("test") as context:
        import_folder(Desk(context), folder, reason="to begin", drafts=False, dry_run=False)


def fill(data: Path, directory: PrivateSlapd, people: int) -> None:
    """Write so many people with an account each, a service account, nested groups, and three applications."""
    write_people(data, [person(n) for n in range(1, people + 1)])
    write_applications(data, [("A1", "Ledger", "E0002"), ("A2", "Payments", "E0003"), ("A3", "Wiki", "")])
    members = {
        "ledger-read": [user_dn(f"ann{n}") for n in range(1, people + 1)],
        "ledger-write": [user_dn(f"ann{n}") for n in range(3, people + 1, 3)],
        "payments": [group_dn("ledger-write"), user_dn("robot")],
    }
    with connected(directory) as connection:
        for n in range(1, people + 1):
            _add(connection, user_dn(f"ann{n}"), "inetOrgPerson", uid=[f"ann{n}"], cn=[f"Ann{n} Lee{n}"],
                 sn=[f"Lee{n}"], mail=[f"ann{n}@example.org"], employeeNumber=[f"E{n:04}"])  # fmt: skip
        _add(connection, user_dn("robot"), "inetOrgPerson", uid=["robot"], cn=["robot"], sn=["robot"])
        for name, held in members.items():
            _add(connection, group_dn(name), "groupOfNames", cn=[name], member=held,
                 **({"owner": [user_dn("ann3")]} if name == "payments" else {}))  # fmt: skip


def write_people(data: Path, rows: Iterable[Row]) -> None:
    """Make the HR file exactly these rows."""
    (data / "data").mkdir(exist_ok=True)
    with (data / "data" / "hr.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def write_applications(data: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    """Make the table of applications exactly these."""
    with closing(sqlite3.connect(data / "data" / "cmdb.db")) as database:
        database.execute(
            "create table if not exists applications(code text primary key, name text, criticality text default 'high',"
            " owner text, environment text default 'production')"
        )
        database.execute("delete from applications")
        database.executemany("insert into applications(code, name, owner) values (?, ?, nullif(?, ''))", rows)
        database.commit()


@contextmanager
def connected(directory: PrivateSlapd) -> Iterator[Any]:
    """Lend a connection to the directory."""
    import ldap  # noqa: PLC0415 - an optional library

    connection = ldap.initialize(directory.url)
    connection.simple_bind_s(directory.admin_dn, directory.admin_password)
    try:
        yield connection
    finally:
        connection.unbind_s()


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


def _add(connection: Any, dn: str, object_class: str, **values: list[str]) -> None:
    texts = {"objectClass": [object_class], **values}
    connection.add_s(dn, [(name, [text.encode() for text in listed]) for name, listed in texts.items()])
