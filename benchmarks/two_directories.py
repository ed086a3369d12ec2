"""Two private OpenLDAP servers with Accord between them: filled, changed and read by plain LDAP, never by Accord."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ldap
from ldap.ldapobject import SimpleLDAPObject

from accord.app import open_accord
from accord.runs.context import Context
from accord.testing.private_slapd import PrivateSlapd
from benchmarks.long_tail import Group, Person

PLACEHOLDER = "cn=accord-placeholder"
_SYSTEM = """system: {name}
connector: ldap
settings:
  url: "{url}"
  ca_file: "{ca}"
  bind_dn: "{bind}"
  password: env:BENCHMARK_{name}_PASSWORD
  containers: [{{dn: "ou=people,{suffix}"}}, {{dn: "ou=groups,{suffix}"}}]
  objects: {{person: {{object_class: inetOrgPerson}}, group: {{object_class: groupOfNames}}}}
objects:
  person:
    anchor: entryUUID
    attributes: {{uid: text, cn: text, sn: text, givenName: text, displayName: text, mail: text, title: text,
      departmentNumber: text, employeeType: text, description: {{type: date}}}}
  group:
    anchor: entryUUID
    attributes: {{cn: text, description: text, businessCategory: text, member: {{type: reference, multivalued: true}}}}
"""
_TYPES = {
    "person": "{uid: text, first: text, last: text, display: text, mail: text, title: text, department: text, "
    "employment: text, ends: date}",
    "group": "{name: text, description: text, kind: text, members: {type: reference, multivalued: true}}",
}
_INBOUND = {
    "person": "{uid: uid, first: givenName, last: sn, display: displayName, mail: mail, title: title, "
    "department: departmentNumber, employment: employeeType, ends: description}",
    "group": "{name: cn, description: description, kind: businessCategory, members: member}",
}
_OUTBOUND = {
    "person": "{uid: uid, cn: display, givenName: first, sn: last, displayName: display, mail: mail, title: title, "
    "departmentNumber: department, employeeType: employment}",
    "group": "{cn: name, description: description, businessCategory: kind, member: members}",
}
_KEYS = {"person": ("uid", "uid"), "group": ("cn", "name")}
_UNITS = {"person": "people", "group": "groups"}
# Members of large groups are kept one by one; the file is as long as it must be, and empty where nothing is.
_LARGE = f"maxsize {2**36}\nmultival member 1000,500"


@dataclass(kw_only=True)
class Directory:
    """One server, and a plain connection to it."""

    server: PrivateSlapd
    connection: Any

    def dn(self, uid: str) -> str:
        """Return the name of a person."""
        return f"uid={uid},ou=people,{self.server.suffix}"

    def group_dn(self, name: str) -> str:
        """Return the name of a group."""
        return f"cn={name},ou=groups,{self.server.suffix}"

    def change_members(self, name: str, *, add: set[str], remove: set[str]) -> None:
        """Let people join and leave a group behind Accord's back."""
        changes = [(ldap.MOD_ADD, add), (ldap.MOD_DELETE, remove)]
        values = [(what, "member", [self.dn(u).encode() for u in sorted(who)]) for what, who in changes if who]
        self.connection.modify_s(self.group_dn(name), values)

    def add_group(self, group: Group) -> None:
        """Make a group behind Accord's back."""
        self.connection.add_s(self.group_dn(group.name), [
            ("objectClass", [b"groupOfNames"]), ("cn", [group.name.encode()]),
            ("description", [group.description.encode()]), ("businessCategory", [group.kind.encode()]),
            ("member", [self.dn(u).encode() for u in sorted(group.members)]),
        ])  # fmt: skip

    def people(self) -> set[str]:
        """Return the uids of everybody who has an entry."""
        return {e["uid"][0].decode() for _, e in self._search("people", "(objectClass=inetOrgPerson)", ["uid"])}

    def members(self) -> dict[str, set[str]]:
        """Return the members of every group by its name: their uids, or their whole names if they are strange."""
        found = {}
        for _, entry in self._search("groups", "(objectClass=groupOfNames)", ["cn", "member"]):
            dns = [value.decode() for value in entry["member"] if not value.startswith(PLACEHOLDER.encode())]
            found[entry["cn"][0].decode()] = {self._uid(dn) for dn in dns}
        return found

    def _uid(self, dn: str) -> str:
        uid = dn.partition(",")[0].removeprefix("uid=")
        return uid if dn == self.dn(uid) else dn

    def _search(self, unit: str, what: str, attributes: list[str]) -> list[tuple[str, dict[str, list[bytes]]]]:
        return list(self.connection.search_s(f"ou={unit},{self.server.suffix}", ldap.SCOPE_ONELEVEL, what, attributes))


@contextmanager
def two_directories(
    folder: Path, people: Mapping[str, Person], groups: Mapping[str, Group]
) -> Iterator[tuple[Directory, Directory]]:
    """Run a source with these people and groups, and an empty target; configure Accord between them in `folder`."""
    with ExitStack() as running:
        directories = []
        for name in ("source", "target"):
            server = PrivateSlapd(folder / name, suffix=f"dc={name},dc=example", extra_configuration=_LARGE)
            if name == "source":
                server.load(_ldif(server.suffix, people, groups))
            running.enter_context(server)
            os.environ[f"BENCHMARK_{name}_PASSWORD"] = server.admin_password
            connection = ldap.initialize(server.url)
            connection.simple_bind_s(server.admin_dn, server.admin_password)
            running.callback(connection.unbind_s)
            directories.append(Directory(server=server, connection=connection))
        _configure(folder / "config", *directories)
        yield directories[0], directories[1]


@contextmanager
def accord_at(folder: Path, day: datetime) -> Iterator[Context]:
    """Open Accord as if it were that day."""
    with open_accord(folder / "config", folder / "data") as accord:
        yield replace(accord.context, clock=lambda: day)


@contextmanager
def counted_members() -> Iterator[Counter[str]]:
    """Count the single members that are sent to directories, under "members"."""
    counted: Counter[str] = Counter()
    add, modify = SimpleLDAPObject.add_ext, SimpleLDAPObject.modify_ext

    def counted_add(self: Any, dn: str, values: Any, *given: Any) -> Any:
        counted["members"] += sum(len(said) for name, said in values if name == "member")
        return add(self, dn, values, *given)

    def counted_modify(self: Any, dn: str, values: Any, *given: Any) -> Any:
        counted["members"] += sum(len(said or ()) for _, name, said in values if name == "member")
        return modify(self, dn, values, *given)

    SimpleLDAPObject.add_ext, SimpleLDAPObject.modify_ext = counted_add, counted_modify
    try:
        yield counted
    finally:
        SimpleLDAPObject.add_ext, SimpleLDAPObject.modify_ext = add, modify


def _ldif(suffix: str, people: Mapping[str, Person], groups: Mapping[str, Group]) -> str:
    entries = [
        f"dn: uid={p.uid},ou=people,{suffix}\nobjectClass: inetOrgPerson\nuid: {p.uid}\ncn: {p.first} {p.last}\n"
        f"givenName: {p.first}\nsn: {p.last}\ndisplayName: {p.first} {p.last}\nmail: {p.uid}@example.org\n"
        f"title: {p.title}\ndepartmentNumber: {p.department}\nemployeeType: employee\n"
        + (f"description: {p.ends}\n" if p.ends else "")
        for p in people.values()
    ]
    entries += [
        f"dn: cn={g.name},ou=groups,{suffix}\nobjectClass: groupOfNames\ncn: {g.name}\ndescription: {g.description}\n"
        f"businessCategory: {g.kind}\n" + "".join(f"member: uid={u},ou=people,{suffix}\n" for u in sorted(g.members))
        for g in groups.values()
    ]
    return "\n".join(entries)


def _configure(config: Path, source: Directory, target: Directory) -> None:
    for part in ("systems", "types", "rules"):
        (config / part).mkdir(parents=True)
    for name, directory in (("source", source), ("target", target)):
        server = directory.server
        values = {"url": server.ldaps_url, "ca": server.ca_file, "bind": server.admin_dn, "suffix": server.suffix}
        (config / "systems" / f"{name}.yaml").write_text(_SYSTEM.format(name=name, **values))
    for kind, attributes in _TYPES.items():
        theirs, ours = _KEYS[kind]
        join = f"object: {kind}\nidentity: {kind}\njoin:\n  - {theirs}: {ours}\n"
        (config / "types" / f"{kind}.yaml").write_text(
            f"type: {kind}\nattributes: {attributes}\ndeletion: {{trigger: authoritative_source, sources: [source]}}\n"
        )
        (config / "rules" / f"source-{kind}.yaml").write_text(
            f"rule: source-{kind}\ndirection: inbound\nsystem: source\n{join}project: true\nflows: {_INBOUND[kind]}\n"
        )
        unit = f"ou={_UNITS[kind]},{target.server.suffix}"
        scope = "scope: ends is null or ends >= today()\n" if kind == "person" else ""
        (config / "rules" / f"target-{kind}.yaml").write_text(
            f"rule: target-{kind}\ndirection: outbound\nsystem: target\n{join}{scope}provision: true\n"
            f"dn: \"'{theirs}=' || dn_escape({ours}) || ',{unit}'\"\nflows: {_OUTBOUND[kind]}\non_leave: delete\n"
        )
