"""Where the demonstration writes to: a private OpenLDAP when there is one, else tables that stand for a directory."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from accord.testing.private_slapd import PrivateSlapd, find_slapd
from demo.expectations import Holdings

_SYSTEM = "systems/directory.yaml"


_TABLES = """
create table users(uid text primary key, cn text not null, sn text not null, givenName text, mail text unique,
  employeeNumber text unique, departmentNumber text, title text, telephoneNumber text, manager text);
create table groups(cn text primary key, description text);
create table members(cn text not null, uid text not null, primary key (cn, uid));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A prepared target: what to call it, and how to read it back without Accord."""

    title: str
    reader: str
    read: Callable[[], Holdings]


@contextmanager
def open_target(folder: Path) -> Iterator[Target]:
    """Prepare the target in the configuration folder; a server that was started is stopped at the end."""
    if find_slapd() is None or find_spec("ldap") is None:
        yield _open_tables(folder)
        return
    with PrivateSlapd(folder / "slapd", suffix="dc=example,dc=org", overlays=()) as server:
        os.environ["DEMO_LDAP_PASSWORD"] = server.admin_password
        text = (folder / "systems" / "directory.ldap.yaml").read_text(encoding="utf-8")
        for name, value in (
            ("@URL@", server.ldaps_url), ("@CA@", str(server.ca_file)), ("@BIND_DN@", server.admin_dn)
        ):  # fmt: skip
            text = text.replace(name, value)
        _use(folder, text)
        yield Target(title="a private OpenLDAP over TLS", reader="plain python-ldap", read=lambda: _read_ldap(server))


def _open_tables(folder: Path) -> Target:
    _use(folder, (folder / "systems" / "directory.sql.yaml").read_text(encoding="utf-8"))
    for name, named in (("directory-user", "account"), ("directory-group", "name")):
        rule = folder / "rules" / f"{name}.yaml"
        lines = rule.read_text(encoding="utf-8").splitlines()
        # Tables have no tree: an account's name is its anchor, given by the rule instead of a dn.
        text = "\n".join(f"anchor: {named}" if line.startswith("dn:") else line for line in lines)
        rule.write_text(text + "\n", encoding="utf-8")
    path = folder / "data" / "directory.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_TABLES)
    return Target(
        title="an embedded target (for a real directory: apt-get install slapd libldap2-dev libsasl2-dev gcc)",
        reader="plain SQL",
        read=lambda: _read_tables(path),
    )


def _use(folder: Path, text: str) -> None:
    (folder / _SYSTEM).write_text(text, encoding="utf-8")
    for draft in folder.glob("systems/directory.*.yaml"):
        draft.unlink()


def _read_ldap(server: PrivateSlapd) -> Holdings:
    import ldap  # noqa: PLC0415 - only where it is installed

    connection = ldap.initialize(server.url)
    connection.simple_bind_s(server.admin_dn, server.admin_password)
    try:
        entries = connection.search_s(server.suffix, ldap.SCOPE_SUBTREE, "(objectClass=*)")
    finally:
        connection.unbind_s()
    people = {dn: e for dn, e in entries if b"inetOrgPerson" in e["objectClass"]}
    groups = {dn: e for dn, e in entries if b"groupOfNames" in e["objectClass"]}
    numbers = {dn.lower(): _text(e, "employeeNumber") for dn, e in people.items()}
    return Holdings(
        users={
            _text(e, "employeeNumber"): {
                "account": _text(e, "uid"),
                "name": _text(e, "cn"),
                "title": _text(e, "title"),
                "department": _text(e, "departmentNumber"),
                "manager": numbers.get(_text(e, "manager").lower(), _text(e, "manager")),
            }
            for e in people.values()
        },
        groups={
            _text(e, "cn"): frozenset(numbers.get(m.decode().lower(), m.decode()) for m in e["member"])
            for e in groups.values()
        },
    )


def _text(entry: dict[str, list[bytes]], attribute: str) -> str:
    return entry.get(attribute, [b""])[0].decode()


def _read_tables(path: Path) -> Holdings:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("select * from users")]
        members = [tuple(row) for row in database.execute("select cn, uid from members")]
        names = [row[0] for row in database.execute("select cn from groups")]
    numbers = {row["uid"]: row["employeeNumber"] for row in rows}
    return Holdings(
        users={
            row["employeeNumber"]: {
                "account": row["uid"], "name": row["cn"], "title": row["title"],
                "department": row["departmentNumber"], "manager": numbers.get(row["manager"], ""),
            }
            for row in rows
        },
        groups={name: frozenset(numbers[uid] for cn, uid in members if cn == name) for name in names},
    )  # fmt: skip
