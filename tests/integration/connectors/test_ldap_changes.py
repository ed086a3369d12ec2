"""Reading changes from a real OpenLDAP: what leaves the containers, what the server cannot tell."""

from contextlib import closing

import pytest

ldap = pytest.importorskip("ldap")

from accord.connectors.base import ReadScope  # noqa: E402 - only with python-ldap
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.settings import LdapSettings  # noqa: E402 - the same
from accord.model.errors import SystemRefused, WatermarkLost  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema  # noqa: E402 - the same
from accord.testing.private_slapd import PrivateSlapd, find_slapd  # noqa: E402 - the same

pytestmark = [
    pytest.mark.ldap,
    pytest.mark.skipif(find_slapd() is None, reason="slapd is not installed"),
]

PERSON = ObjectTypeSchema(
    name="person", anchor=("entryUUID",), has_dn=True, attributes={"displayName": AttributeSchema(name="displayName")}
)
SCOPE = ReadScope(object_types={"person": PERSON})


class Directory:
    def __init__(self, server):
        self.server = server
        self.people = f"ou=people,{server.suffix}"
        self.connection = ldap.initialize(server.url)
        self.connection.simple_bind_s(server.admin_dn, server.admin_password)

    def unit(self, dn):
        self.connection.add_s(dn, [("objectClass", [b"organizationalUnit"])])

    def person(self, name, parent=None, *, kind=b"inetOrgPerson"):
        dn = f"uid={name},{parent or self.people}"
        self.connection.add_s(dn, [("objectClass", [kind]), ("cn", [b"x"]), ("sn", [b"x"])])
        return self.connection.search_s(dn, ldap.SCOPE_BASE, attrlist=["entryUUID"])[0][1]["entryUUID"][0].decode()

    def settings(self, **more):
        return LdapSettings.model_validate(
            {
                "url": self.server.url,
                "ca_file": self.server.ca_file,
                "bind_dn": self.server.admin_dn,
                "password": self.server.admin_password,
                "objects": {"person": {"object_class": "inetOrgPerson"}},
                "containers": [{"dn": self.people}, {"dn": f"ou=robots,{self.people}", "mode": "exclude"}],
                **more,
            }
        )

    def watermark(self, **more):
        with closing(KIND.open(self.settings(**more))) as connector:
            return connector.watermark()

    def changes(self, since, **more):
        with closing(KIND.open(self.settings(**more))) as connector:
            batches = list(connector.read_changes(SCOPE, since))
        rows = {row["_anchor"]: row for batch in batches for row in batch.rows.to_pylist()}
        return rows, {anchor for batch in batches for anchor in batch.removed}


@pytest.fixture
def directory(tmp_path):
    with PrivateSlapd(tmp_path / "slapd", overlays=("syncprov",)) as server:
        directory = Directory(server)
        directory.unit(f"ou=robots,{directory.people}")
        with closing_connection(directory):
            yield directory


class closing_connection:  # noqa: N801 - reads as a verb
    def __init__(self, directory):
        self._directory = directory

    def __enter__(self):
        return self._directory

    def __exit__(self, *_):
        self._directory.connection.unbind_s()


def test_an_entry_moved_out_of_the_containers_is_removed(directory):
    out, excluded = directory.person("out"), directory.person("excluded")
    since = directory.watermark()
    directory.connection.rename_s(f"uid=out,{directory.people}", "uid=out", f"ou=groups,{directory.server.suffix}")
    robots = f"ou=robots,{directory.people}"
    directory.connection.rename_s(f"uid=excluded,{directory.people}", "uid=excluded", robots)
    assert directory.changes(since) == ({}, {out, excluded})


def test_an_entry_moved_into_the_containers_is_read(directory):
    moved = directory.person("in", f"ou=groups,{directory.server.suffix}")
    since = directory.watermark()
    directory.connection.rename_s(f"uid=in,ou=groups,{directory.server.suffix}", "uid=in", directory.people)
    rows, _ = directory.changes(since)
    assert rows[moved]["_dn"] == f"uid=in,{directory.people}"


def test_an_entry_moved_between_containers_is_not_removed(directory):
    both = {"containers": [{"dn": directory.people}, {"dn": f"ou=groups,{directory.server.suffix}"}]}
    moved = directory.person("m")
    since = directory.watermark(**both)
    directory.connection.rename_s(f"uid=m,{directory.people}", "uid=m", f"ou=groups,{directory.server.suffix}")
    rows, removed = directory.changes(since, **both)
    assert set(rows) == {moved}
    assert moved not in removed


def test_an_entry_that_no_longer_matches_the_filter_is_removed(directory):
    filtered = {"objects": {"person": {"object_class": "inetOrgPerson", "filter": "(employeeType=staff)"}}}
    left = directory.person("l")
    dn = f"uid=l,{directory.people}"
    directory.connection.modify_s(dn, [(ldap.MOD_REPLACE, "employeeType", [b"staff"])])
    since = directory.watermark(**filtered)
    directory.connection.modify_s(dn, [(ldap.MOD_DELETE, "employeeType", None)])
    assert directory.changes(since, **filtered) == ({}, {left})


def test_a_renamed_container_makes_the_watermark_lost(directory):
    # The entries in it have new names, and the server says nothing of them.
    unit = f"ou=unit,{directory.people}"
    directory.unit(unit)
    directory.person("p", unit)
    directory.person("q")
    since = directory.watermark()
    directory.connection.rename_s(unit, "ou=renamed")
    with pytest.raises(WatermarkLost, match="renamed or moved"):
        directory.changes(since)


def test_a_changed_scope_makes_the_watermark_lost(directory):
    since = directory.watermark()
    with pytest.raises(WatermarkLost, match="containers"):
        directory.changes(since, containers=[{"dn": directory.people}])


def test_a_watermark_from_the_future_is_lost(directory):
    directory.person("p")
    since = directory.watermark().replace("csn=20", "csn=21")
    with pytest.raises(WatermarkLost, match="newer"):
        directory.changes(since)


def test_a_server_that_forgot_what_was_deleted_makes_the_watermark_lost(directory):
    directory.person("p")
    since = directory.watermark()
    directory.connection.delete_s(f"uid=p,{directory.people}")
    directory.connection.unbind_s()
    directory.server.stop()
    directory.server.start()
    directory.connection = Directory(directory.server).connection
    with pytest.raises(WatermarkLost, match="no longer knows"):
        directory.changes(since)


def test_without_content_synchronisation_the_refusal_says_what_to_configure(tmp_path):
    with (
        PrivateSlapd(tmp_path / "slapd") as server,
        closing_connection(Directory(server)) as directory,
        pytest.raises(SystemRefused) as raised,
    ):
        directory.watermark()
    assert "syncprov" in raised.value.remedy
