"""Delta imports of a real Active Directory: what they bring is what a full import would, whatever happened there."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ldap = pytest.importorskip("ldap")

from accord.app import Accord, open_accord  # noqa: E402 - only with python-ldap
from accord.connectors.base import ReadScope  # noqa: E402 - the same
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.settings import LdapSettings  # noqa: E402 - the same
from accord.model.errors import WatermarkLost  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema  # noqa: E402 - the same
from accord.runs.context import RunResult  # noqa: E402 - the same
from accord.runs.export_run import run_export  # noqa: E402 - the same
from accord.runs.import_run import run_delta_import, run_import  # noqa: E402 - the same
from accord.runs.sync_run import run_sync  # noqa: E402 - the same
from accord.testing.private_samba import DOMAIN, UNIT, PrivateSamba  # noqa: E402 - the same

pytestmark = pytest.mark.samba

_SYSTEM = """
system: ad
connector: ldap
settings:
  url: {url}
  ca_file: {ca_file}
  bind_dn: {bind_dn}
  password: env:AD_PASSWORD
  containers: [{{dn: "{unit}"}}]
  page_rows: 2
  objects: {{user: {{object_class: user}}, group: {{object_class: group}}}}
objects:
  user:
    anchor: objectGUID
    attributes: {{cn: text, sAMAccountName: text, displayName: text, manager: reference}}
  group:
    anchor: objectGUID
    attributes: {{cn: text, sAMAccountName: text, member: {{type: reference, multivalued: true}}}}
"""
_HR = """
system: hr
connector: csv
settings: {path: hr.csv}
objects:
  person: {anchor: number, attributes: {number: text, name: text}}
"""
_TYPES = """
type: person
attributes: {number: text, name: text}
"""
_RULES = {
    "hr-person": """
rule: hr-person
direction: inbound
system: hr
object: person
identity: person
join: [{number: number}]
project: true
flows: {number: number, name: name}
""",
    "person-user": """
rule: person-user
direction: outbound
system: ad
object: user
identity: person
join: [{sAMAccountName: number}]
dn: "'CN=' || dn_escape(name) || ',UNIT'"
flows: {displayName: name}
""".replace("UNIT", UNIT),
}


class Domain:
    """The domain as a person changes it."""

    def __init__(self, server: PrivateSamba, connection: Any) -> None:
        self.server = server
        self.direct = connection

    def user(self, cn: str, parent: str = UNIT, **values: str) -> str:
        more = [(name, [value.encode()]) for name, value in values.items()]
        self.direct.add_s(f"CN={cn},{parent}", [("objectClass", [b"user"]), ("sAMAccountName", [cn.encode()]), *more])
        return f"CN={cn},{parent}"

    def group(self, cn: str, *members: str) -> str:
        names = [("member", [m.encode() for m in members])] if members else []
        self.direct.add_s(f"CN={cn},{UNIT}", [("objectClass", [b"group"]), ("sAMAccountName", [cn.encode()]), *names])
        return f"CN={cn},{UNIT}"

    def unit(self, name: str, parent: str = UNIT) -> str:
        self.direct.add_s(f"OU={name},{parent}", [("objectClass", [b"organizationalUnit"])])
        return f"OU={name},{parent}"

    def set(self, dn: str, name: str, *values: str) -> None:
        self.direct.modify_s(dn, [(ldap.MOD_REPLACE, name, [v.encode() for v in values] or None)])

    def guid(self, dn: str) -> str:
        found = self.direct.search_s(dn, ldap.SCOPE_BASE, attrlist=["objectGUID"])
        return str(uuid.UUID(bytes_le=found[0][1]["objectGUID"][0]))


@pytest.fixture
def domain(samba_server: PrivateSamba) -> Iterator[Domain]:
    samba_server.empty_unit()
    with samba_server.signed_in() as connection:
        yield Domain(samba_server, connection)
    samba_server.empty_unit()


@pytest.fixture
def accord(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accord]:
    """The domain as a system, and people of a list whose users it names; one page holds two entries."""
    monkeypatch.setenv("AD_PASSWORD", domain.server.admin_password)
    server = domain.server
    system = _SYSTEM.format(url=server.ldaps_url, ca_file=server.ca_file, bind_dn=server.admin_upn, unit=UNIT)
    files = {"systems/ad": system, "systems/hr": _HR, "types/person": _TYPES}
    files |= {f"rules/{name}": text for name, text in _RULES.items()}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "accord.yaml").write_text("data_folder: .accord\n", encoding="utf-8")
    (tmp_path / "hr.csv").write_text("number,name\n", encoding="utf-8")
    with open_accord(tmp_path) as opened:
        yield opened


def counted(result: RunResult) -> dict[str, int]:
    return {f"{c.object_type} {c.operation}": c.count for c in result.counts if c.area == "connector space"}


def references(accord: Accord) -> set[tuple[str, str, str]]:
    space = accord.store.connector_space
    names = {row["id"]: row["dn"] for row in space.read_objects("ad").table.to_pylist()}
    return {(names[e["src"]], e["attr"], e["dst"]) for e in space.read_all_edges().table.to_pylist()}


def assert_a_full_import_finds_nothing(accord: Accord) -> None:
    before = references(accord)
    assert counted(run_import(accord.context, "ad")) == {}
    assert references(accord) == before


def test_a_delta_brings_what_a_full_import_would(domain: Domain, accord: Accord) -> None:
    ann, bob, eve = (domain.user(name) for name in ("ann", "bob", "eve"))
    sales = domain.group("sales", ann, bob, eve)
    domain.set(bob, "manager", ann)
    domain.set(eve, "manager", bob)
    run_import(accord.context, "ad")

    assert counted(run_delta_import(accord.context, "ad")) == {}

    domain.set(ann, "displayName", "Ann")
    new = domain.user("new", manager=ann)
    for number in range(4):
        domain.user(f"more{number}")
    domain.set(sales, "member", ann, eve, new)
    result = run_delta_import(accord.context, "ad")
    assert "everything" not in result.activity.message
    assert counted(result) == {"group update": 1, "user add": 5, "user update": 1}
    assert_a_full_import_finds_nothing(accord)

    domain.direct.rename_s(ann, "CN=ann of sales")
    domain.direct.delete_s(eve)
    result = run_delta_import(accord.context, "ad")
    assert "everything" not in result.activity.message
    assert counted(result) == {"user remove": 1, "user update": 1}
    renamed = f"CN=ann of sales,{UNIT}"
    assert references(accord) == {
        (bob, "manager", renamed), (new, "manager", renamed), (sales, "member", renamed), (sales, "member", new)
    }  # fmt: skip
    assert_a_full_import_finds_nothing(accord)


def test_a_container_that_moves_makes_everything_read(domain: Domain, accord: Accord) -> None:
    inside = domain.user("inside", domain.unit("a"))
    run_import(accord.context, "ad")
    domain.direct.rename_s(inside.partition(",")[2], "OU=b")

    result = run_delta_import(accord.context, "ad")

    assert "a container was changed" in result.activity.message
    assert counted(result) == {"user update": 1}
    names = accord.store.connector_space.read_objects("ad").table["dn"].to_pylist()
    assert names == [f"CN=inside,OU=b,{UNIT}"]


def test_a_rename_of_ours_is_followed_by_references_without_reading_who_refers(
    domain: Domain, accord: Accord, tmp_path: Path
) -> None:
    hr = tmp_path / "hr.csv"
    hr.write_text("number,name\nann,Ann\nbob,Bob\n", encoding="utf-8")
    ann, bob = domain.user("ann"), domain.user("bob")
    domain.set(bob, "manager", ann)
    sales = domain.group("sales", ann, bob)
    for system in ("hr", "ad"):
        run_import(accord.context, system)
    run_sync(accord.context)
    run_export(accord.context, "ad")
    run_delta_import(accord.context, "ad")
    hr.write_text("number,name\nann,Anna\nbob,Bob\n", encoding="utf-8")
    run_import(accord.context, "hr")
    run_sync(accord.context)

    exported = run_export(accord.context, "ad")

    assert [(c.operation, c.count) for c in exported.counts] == [("rename", 1)]
    renamed = f"CN=Anna,{UNIT}"
    wanted = {(bob, "manager", renamed), (sales, "member", renamed), (sales, "member", bob)}
    assert references(accord) == wanted
    confirmed = run_delta_import(accord.context, "ad")
    assert "everything" not in confirmed.activity.message
    assert references(accord) == wanted
    assert len(accord.store.pending.read_pending()) == 0
    assert_a_full_import_finds_nothing(accord)


USER = ObjectTypeSchema(name="user", anchor=("objectGUID",), has_dn=True, attributes={"cn": AttributeSchema(name="cn")})


def changes(domain: Domain, since: str | None, **more: object) -> tuple[list[str], set[str], str]:
    """Return dns, anchors that are gone and the new watermark; without a watermark only that."""
    server = domain.server
    given: Mapping[str, object] = {
        "url": server.ldaps_url, "ca_file": server.ca_file, "bind_dn": server.admin_upn,
        "password": server.admin_password, "containers": [{"dn": UNIT}],
        "objects": {"user": {"object_class": "user"}},
    }  # fmt: skip
    with closing(KIND.open(LdapSettings.model_validate({**given, **more}))) as connector:
        if since is None:
            return [], set(), connector.watermark()
        batches = list(connector.read_changes(ReadScope(object_types={"user": USER}), since))
    dns = [row["_dn"] for batch in batches for row in batch.rows.to_pylist()]
    return dns, {a for batch in batches for a in batch.removed}, batches[-1].watermark


def test_who_is_deleted_or_leaves_containers_or_filter_is_gone(domain: Domain) -> None:
    outside = domain.unit("outside", DOMAIN)
    try:
        staff = {"objects": {"user": {"object_class": "user", "filter": "(&(objectClass=user)(title=staff))"}}}
        deleted, moved, other = (domain.user(name, title="staff") for name in ("deleted", "moved", "other"))
        anchors = {domain.guid(dn) for dn in (deleted, moved, other)}
        *_, since = changes(domain, None, **staff)
        domain.direct.delete_s(deleted)
        domain.direct.rename_s(moved, "CN=moved", outside)
        domain.set(other, "title", "guest")
        domain.user("stays", title="staff")
        dns, gone, after = changes(domain, since, **staff)
        assert (dns, gone & anchors) == ([f"CN=stays,{UNIT}"], anchors)
        assert changes(domain, after, **staff)[:2] == ([], set())
    finally:
        for dn, _ in domain.direct.search_s(outside, ldap.SCOPE_ONELEVEL, attrlist=["1.1"]):
            domain.direct.delete_s(dn)
        domain.direct.delete_s(outside)


def test_another_controllers_number_says_nothing_here(domain: Domain) -> None:
    *_, since = changes(domain, None)
    (controller,) = [part for part in since.split('"') if part.count("-") == 4]
    with pytest.raises(WatermarkLost, match="another domain controller"):
        changes(domain, since.replace(controller, str(uuid.uuid4())))
