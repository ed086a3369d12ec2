"""The ldap connector and a real OpenLDAP: order, names, groups, limits, trust, failures."""

import itertools
import shutil
import subprocess
from contextlib import closing

import pytest

ldap = pytest.importorskip("ldap")

from accord.connectors.base import (  # noqa: E402 - only with python-ldap
    AttributeChange,
    ExportOperation,
    Operation,
    OutcomeState,
    ReadScope,
)
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.connector import LdapConnector  # noqa: E402 - the same
from accord.connectors.ldap.dn import escape_value  # noqa: E402 - the same
from accord.connectors.ldap.operations import Modify  # noqa: E402 - the same
from accord.connectors.ldap.python_ldap import connect  # noqa: E402 - the same
from accord.model.errors import IncompleteRead, SystemRefused, SystemUnavailable  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType  # noqa: E402 - the same
from accord.testing.private_slapd import OVERLAYS, PrivateSlapd, find_slapd  # noqa: E402 - the same

pytestmark = [
    pytest.mark.ldap,
    pytest.mark.skipif(find_slapd() is None, reason="slapd is not installed"),
]


def object_type(name, *attributes):
    return ObjectTypeSchema(name=name, anchor=("entryUUID",), has_dn=True, attributes={a.name: a for a in attributes})


SCOPE = ReadScope(
    object_types={
        "person": object_type(
            "person",
            AttributeSchema(name="cn", is_multivalued=True),
            AttributeSchema(name="sn", is_multivalued=True),
            AttributeSchema(name="displayName"),
            AttributeSchema(name="uidNumber", type=ValueType.INTEGER),
            AttributeSchema(name="userPassword", is_multivalued=True),
            AttributeSchema(name="manager", type=ValueType.REFERENCE, is_multivalued=True),
        ),
        "group": object_type(
            "group",
            AttributeSchema(name="cn", is_multivalued=True),
            AttributeSchema(name="member", type=ValueType.REFERENCE, is_multivalued=True),
        ),
        "unit": object_type("unit", AttributeSchema(name="ou", is_multivalued=True)),
    }
)
OBJECTS = {
    "person": {"object_class": "inetOrgPerson"},
    "group": {"object_class": "groupOfNames"},
    "unit": {"object_class": "organizationalUnit"},
}
SIZE_LIMIT = 5
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with PrivateSlapd(tmp_path_factory.mktemp("slapd"), overlays=OVERLAYS, size_limit=SIZE_LIMIT) as running:
        yield running


@pytest.fixture
def unit(server):
    """A container of this test's own, empty."""
    dn = f"ou=test{next(numbers)},{server.suffix}"
    with closing(direct(server)) as connection:
        connection.add_s(dn, [("objectClass", [b"organizationalUnit"])])
    return dn


@pytest.fixture
def connector(server, unit):
    with closing(KIND.open(settings(server, containers=[{"dn": unit}]))) as opened:
        yield opened


class direct:  # noqa: N801 - reads as a verb
    """python-ldap itself, to look without the connector."""

    def __init__(self, server):
        self._connection = ldap.initialize(server.url)
        self._connection.simple_bind_s(server.admin_dn, server.admin_password)

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def close(self):
        self._connection.unbind_s()


def settings(server, **values):
    whole = {
        "url": server.url,
        "ca_file": server.ca_file,
        "bind_dn": server.admin_dn,
        "password": server.admin_password,
        "objects": OBJECTS,
        **values,
    }
    return KIND.settings.model_validate({name: value for name, value in whole.items() if value is not None})


def to(name, *after):
    return AttributeChange(name=name, added=after, after=after)


def create(row, kind, dn, *changes):
    return ExportOperation(row=row, operation=Operation.CREATE, object_type=kind, anchor=None, dn=dn, changes=changes)


def change(row, kind, dn, *changes, anchor="known"):
    return ExportOperation(row=row, operation=Operation.UPDATE, object_type=kind, anchor=anchor, dn=dn, changes=changes)


def person(row, dn, **values):
    return create(row, "person", dn, to("sn", "Test"), *(to(n, *v) for n, v in values.items()))


def done(connector, *operations):
    outcomes = {o.row: o for o in connector.write(operations, SCOPE)}
    assert [(o.state, o.message) for o in outcomes.values()] == [(OutcomeState.DONE, "")] * len(operations)
    return outcomes


def objects(connector, kind="person"):
    batches = [b for b in connector.read(SCOPE) if b.object_type == kind]
    assert [b.errors for b in batches] == [()] * len(batches)
    return {row["_dn"]: row for batch in batches for row in batch.rows.to_pylist()}


# -- order


def test_parents_children_and_groups_in_one_call_in_any_order(connector, unit):
    inner = f"ou=inner,{unit}"
    operations = [create(0, "group", f"cn=g,{inner}", to("member", *(f"cn=p{n},{inner}" for n in range(40))))]
    operations += [person(n + 1, f"cn=p{n},{inner}", manager=[f"cn=p{n + 1},{inner}"]) for n in range(39)]
    operations += [person(40, f"cn=p39,{inner}"), create(41, "unit", inner)]
    outcomes = done(connector, *operations)
    assert len({o.anchor for o in outcomes.values()}) == len(operations)
    assert objects(connector)[f"cn=p3,{inner}"]["_anchor"] == outcomes[4].anchor
    assert len(objects(connector, "group")[f"cn=g,{inner}"]["member"]) == 40
    deletions = [
        ExportOperation(row=o.row, operation=Operation.DELETE, object_type=o.object_type, anchor="a", dn=o.dn)
        for o in reversed(operations)
    ]
    done(connector, *deletions)
    assert objects(connector) == {}


# -- names


def test_rename_and_move_keep_the_anchor_and_carry_changes(connector, unit):
    made = done(connector, create(0, "unit", f"ou=left,{unit}"), person(1, f"cn=Anna,{unit}"))
    rename = ExportOperation(
        row=2,
        operation=Operation.RENAME,
        object_type="person",
        anchor=made[1].anchor,
        dn=f"cn=Anna,{unit}",
        new_dn=f"cn=Ann,{unit}",
        changes=(
            AttributeChange(name="cn", added=("Ann",), removed=("Anna",), after=("Ann",)),
            to("displayName", "Ann!"),
        ),
    )
    assert done(connector, rename)[2].anchor == made[1].anchor
    (row,) = objects(connector).values()
    assert (row["_anchor"], row["cn"], row["displayName"]) == (made[1].anchor, ["Ann"], "Ann!")
    move = ExportOperation(
        row=3,
        operation=Operation.RENAME,
        object_type="person",
        anchor=made[1].anchor,
        dn=f"cn=Ann,{unit}",
        new_dn=f"cn=Ann,ou=left,{unit}",
    )
    done(connector, move)
    assert {dn: row["_anchor"] for dn, row in objects(connector).items()} == {f"cn=Ann,ou=left,{unit}": made[1].anchor}


AWKWARD_NAMES = [
    "Doe, John", "a+b", "#hash", 'the "boss"', " leading", "trailing ", "Zoë 😀", "back\\slash", "a;b<c>d", "a=b",
    "two  gaps",
]  # fmt: skip


def test_awkward_names_and_references_to_them_come_back_as_they_went(connector, unit):
    dns = [f"cn={escape_value(name)},{unit}" for name in AWKWARD_NAMES]
    people = [person(n, dn, cn=[AWKWARD_NAMES[n]], manager=[dn]) for n, dn in enumerate(dns)]
    done(connector, *people)
    found = objects(connector)
    assert set(found) == set(dns)
    for dn, name in zip(dns, AWKWARD_NAMES, strict=True):
        assert found[dn]["manager"] == [dn]
        assert found[dn]["cn"] == [name]


# -- groups


class CountingDirectory:
    """A real connection that remembers what was sent."""

    def __init__(self, client):
        self._client = client
        self.sent = []

    def __getattr__(self, name):
        return getattr(self._client, name)

    def submit(self, request, controls=()):
        self.sent.append(request)
        return self._client.submit(request, controls)


def test_one_changed_member_of_a_large_group_is_one_value_on_the_wire(server, unit):
    clients = []

    def counting(values):
        clients.append(CountingDirectory(connect(values)))
        return clients[-1]

    members = [f"cn=m{n},ou=nowhere,{unit}" for n in range(3000)]
    group = f"cn=g,{unit}"
    with closing(LdapConnector(settings(server, containers=[{"dn": unit}]), counting)) as connector:
        done(connector, create(1, "group", group))
        assert objects(connector, "group")[group]["member"] is None
        done(connector, change(2, "group", group, AttributeChange(name="member", added=tuple(members), after=None)))
        assert objects(connector, "group")[group]["member"] == members
        clients[-1].sent.clear()
        one = AttributeChange(name="member", added=(f"cn=new,{unit}",), removed=(members[7],), after=None)
        done(connector, change(3, "group", group, one))
        (sent,) = clients[-1].sent
        assert isinstance(sent, Modify)
        assert [len(m.values) for m in sent.modifications] == [1, 1]
        now = set(objects(connector, "group")[group]["member"])
    assert now == {*members, f"cn=new,{unit}"} - {members[7]}


def test_the_last_member_of_a_group_can_leave_and_the_placeholder_is_not_shown(server, connector, unit):
    group, only = f"cn=g,{unit}", f"cn=only,{unit}"
    done(connector, create(1, "group", group, to("member", only)))
    done(connector, change(2, "group", group, AttributeChange(name="member", removed=(only,), after=None)))
    assert objects(connector, "group")[group]["member"] is None
    with closing(direct(server)) as connection:
        ((_dn, entry),) = connection.search_s(group, ldap.SCOPE_BASE, attrlist=["member"])
    assert entry["member"] == [b"cn=accord-placeholder"]


def test_adding_a_value_that_is_there_already_is_no_failure(connector, unit):
    group, one = f"cn=g,{unit}", f"cn=one,{unit}"
    done(connector, create(1, "group", group, to("member", one)))
    done(connector, change(2, "group", group, AttributeChange(name="member", added=(one,), after=None)))


# -- one bad entry


def test_bad_entries_fail_alone_with_the_server_s_words_and_the_attribute(connector, unit):
    operations = [
        person(1, f"cn=good,{unit}"),
        create(2, "person", f"cn=bad,{unit}"),
        person(3, f"cn=reference,{unit}", manager=["nonsense"]),
        person(4, f"cn=number,{unit}", uidNumber=["7"]),
        person(5, f"cn=orphan,ou=missing,{unit}"),
        person(6, f"cn=after,{unit}"),
    ]
    outcomes = {o.row: o for o in connector.write(operations, SCOPE)}
    assert {row: o.code for row, o in outcomes.items()} == {
        1: "", 2: "OBJECT_CLASS_VIOLATION", 3: "INVALID_SYNTAX", 4: "OBJECT_CLASS_VIOLATION",
        5: "PARENT_MISSING", 6: "",
    }  # fmt: skip
    assert outcomes[2].message.startswith("sn: ")
    assert "requires attribute 'sn'" in outcomes[2].message
    assert outcomes[3].message.startswith("manager: ")
    assert "uidNumber" in outcomes[4].message
    assert outcomes[5].is_retryable
    assert set(objects(connector)) == {f"cn=good,{unit}", f"cn=after,{unit}"}


def test_a_unique_rule_of_the_directory_is_named(server):
    people = f"ou=people,{server.suffix}"
    scope = ReadScope(object_types={"person": object_type("person", AttributeSchema(name="uid", is_multivalued=True))})
    operations = [create(row, "person", f"cn=u{row},{people}", to("sn", "x"), to("uid", "same")) for row in (1, 2)]
    with closing(KIND.open(settings(server, window=1))) as connector:
        outcomes = {o.row: o for o in connector.write(operations, scope)}
    assert [(outcomes[n].state, outcomes[n].code) for n in (1, 2)] == [
        (OutcomeState.DONE, ""),
        (OutcomeState.FAILED, "CONSTRAINT_VIOLATION"),
    ]


def test_a_value_that_is_not_text_is_that_object_s_error(server, connector, unit):
    scope = ReadScope(object_types={"person": object_type("person", AttributeSchema(name="jpegPhoto"))})
    done(connector, person(1, f"cn=good,{unit}"))
    with closing(direct(server)) as connection:
        bad = [("objectClass", [b"inetOrgPerson"]), ("sn", [b"x"]), ("jpegPhoto", [b"\xff\xd8\xff"])]
        connection.add_s(f"cn=bad,{unit}", bad)
    (batch,) = connector.read(scope)
    assert batch.rows["_dn"].to_pylist() == [f"cn=good,{unit}"]
    (error,) = batch.errors
    assert (error.code, error.at, error.attribute) == ("NOT_TEXT", f"cn=bad,{unit}", "jpegPhoto")
    assert error.anchor


# -- what is read


def test_excluded_containers_are_not_read(server, unit):
    with closing(KIND.open(settings(server))) as everything:
        done(
            everything,
            create(1, "unit", f"ou=in,{unit}"),
            create(2, "unit", f"ou=out,ou=in,{unit}"),
            person(3, f"cn=a,ou=in,{unit}"),
            person(4, f"cn=b,ou=out,ou=in,{unit}"),
            person(5, f"cn=c,{unit}"),
        )
    containers = [{"dn": f"OU=in, {unit}"}, {"dn": f"ou=out,ou=in,{unit}", "mode": "exclude"}]
    with closing(KIND.open(settings(server, containers=containers))) as some:
        assert set(objects(some)) == {f"cn=a,ou=in,{unit}"}
    with closing(KIND.open(settings(server, containers=[{"dn": unit, "scope": "one_level"}]))) as top:
        assert set(objects(top)) == {f"cn=c,{unit}"}


def test_pages_of_any_size_read_the_same(server, unit):
    with closing(KIND.open(settings(server, containers=[{"dn": unit}]))) as connector:
        done(connector, *(person(n, f"cn=p{n},{unit}") for n in range(20)))
        whole = objects(connector)
    for page_rows in (1, 7, 20):
        with closing(KIND.open(settings(server, containers=[{"dn": unit}], page_rows=page_rows))) as connector:
            assert objects(connector) == whole


def test_a_limit_of_the_server_makes_the_read_incomplete_never_short(server, connector, unit):
    done(connector, *(person(n, f"cn=p{n},{unit}") for n in range(SIZE_LIMIT + 1)))
    limited = settings(
        server, bind_dn=server.reader_dn, password=server.reader_password, containers=[{"dn": unit}], page_rows=2
    )
    with closing(KIND.open(limited)) as reader, pytest.raises(IncompleteRead, match="size limit") as error:
        list(reader.read(SCOPE))
    assert "limits" in error.value.remedy
    assert unit in error.value.message


def test_a_container_that_is_not_there_is_named(server):
    wrong = settings(server, containers=[{"dn": "ou=nowhere,dc=example,dc=org"}])
    with closing(KIND.open(wrong)) as connector, pytest.raises(SystemRefused, match="ou=nowhere") as error:
        list(connector.read(SCOPE))
    assert "containers" in error.value.remedy


def test_an_account_without_rights_is_told_so(server, unit):
    reader = settings(server, bind_dn=server.reader_dn, password=server.reader_password)
    with closing(KIND.open(reader)) as connector:
        (outcome,) = connector.write([person(1, f"cn=a,{unit}")], SCOPE)
    assert (outcome.state, outcome.code) == (OutcomeState.FAILED, "INSUFFICIENT_ACCESS")


# -- discovery


def test_discovery_says_what_the_schema_says(connector):
    types = connector.discover().object_types
    person_type = types["person"].attributes
    assert types["person"].anchor == ("entryUUID",)
    assert {"inetOrgPerson", "groupOfNames", "organizationalUnit"} <= set(types)
    assert person_type["sn"].is_required
    assert person_type["cn"].is_multivalued
    assert not person_type["cn"].is_case_sensitive
    assert not person_type["displayName"].is_multivalued
    assert person_type["manager"].type is ValueType.REFERENCE
    assert person_type["jpegPhoto"].type is ValueType.BINARY
    assert person_type["entryUUID"].type is ValueType.GUID
    assert person_type["createTimestamp"].type is ValueType.DATETIME
    assert person_type["createTimestamp"].writability == "read_only"
    assert types["group"].attributes["member"].is_required


# -- trust and failure


@pytest.mark.parametrize("way", ["StartTLS", "LDAPS"])
def test_both_ways_of_encryption_are_verified_and_reported(server, way):
    url = server.url if way == "StartTLS" else server.ldaps_url
    with closing(KIND.open(settings(server, url=url))) as connector:
        facts = dict(connector.test().facts)
    assert facts["server"] == "OpenLDAP"
    assert facts["naming contexts"] == server.suffix
    assert facts["protection"].startswith(f"{way}, TLS")
    assert facts["signed in as"] == server.admin_dn
    assert facts["paged results"] == "yes"


@pytest.mark.parametrize("way", ["StartTLS", "LDAPS"])
def test_a_certificate_of_an_unknown_authority_is_refused_with_its_cause(server, way):
    url = server.url if way == "StartTLS" else server.ldaps_url
    with (
        closing(KIND.open(settings(server, url=url, ca_file=None))) as connector,
        pytest.raises(SystemRefused, match=r"not trusted: self.signed certificate") as error,
    ):
        connector.test()
    assert "ca_file" in error.value.remedy


def test_a_certificate_for_another_host_is_refused(server, tmp_path):
    openssl = shutil.which("openssl")
    assert openssl
    other = tmp_path / "other.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=other.example.org", "-addext", "subjectAltName=DNS:other.example.org",
         "-keyout", tmp_path / "key.pem", "-out", other],
        check=True, capture_output=True,
    )  # fmt: skip
    extra = PrivateSlapd(tmp_path / "slapd")
    extra.ca_file.parent.mkdir(parents=True)
    shutil.copy(other, extra.ca_file)
    shutil.copy(tmp_path / "key.pem", extra.ca_file.with_name("key.pem"))
    with (
        extra,
        closing(KIND.open(settings(extra))) as connector,
        pytest.raises(SystemRefused, match=r"certificate is not trusted: .*(mismatch|not valid)"),
    ):
        connector.test()


def test_a_wrong_password_is_refused_and_not_shown(server):
    with (
        closing(KIND.open(settings(server, password="wr0ng!"))) as connector,
        pytest.raises(SystemRefused, match="name or password is wrong") as error,
    ):
        connector.test()
    assert "wr0ng!" not in str(error.value)
    assert server.admin_dn in error.value.message


def test_a_password_is_not_written_over_a_plain_connection(server, unit):
    plain = settings(server, insecure=True, ca_file=None)
    with closing(KIND.open(plain)) as connector:
        assert dict(connector.test().facts)["protection"] == "none"
        (outcome,) = connector.write([person(1, f"cn=a,{unit}", userPassword=["s3cret"])], SCOPE)
    assert (outcome.state, outcome.code) == (OutcomeState.FAILED, "TLS_REQUIRED")


def test_a_password_written_over_tls_lets_the_person_in(server, connector, unit):
    dn = f"cn=Anna,{unit}"
    done(connector, person(1, dn, userPassword=["first"]))
    done(connector, change(2, "person", dn, to("userPassword", "second")))
    as_anna = settings(server, bind_dn=dn, password="second")
    with closing(KIND.open(as_anna)) as connection:
        assert dict(connection.test().facts)["signed in as"].lower() == dn.lower()
    with closing(KIND.open(settings(server, bind_dn=dn, password="first"))) as old, pytest.raises(SystemRefused):
        old.test()


def test_a_server_that_went_away_and_came_back(tmp_path):
    server = PrivateSlapd(tmp_path / "slapd")
    with server, closing(KIND.open(settings(server))) as connector:
        people = f"ou=people,{server.suffix}"
        done(connector, person(1, f"cn=a,{people}"))
        server.stop()
        with pytest.raises(SystemUnavailable, match="does not answer"):
            list(connector.read(SCOPE))
        with pytest.raises(SystemUnavailable, match="does not answer"):
            list(connector.write([person(2, f"cn=b,{people}")], SCOPE))
        server.start()
        done(connector, person(2, f"cn=b,{people}"))
        assert set(objects(connector)) == {f"cn=a,{people}", f"cn=b,{people}"}


def test_a_server_that_ends_in_the_middle_leaves_honest_outcomes(tmp_path):
    server = PrivateSlapd(tmp_path / "slapd")
    with server, closing(KIND.open(settings(server, window=4))) as connector:
        people = f"ou=people,{server.suffix}"
        outcomes = []
        for outcome in connector.write([person(n, f"cn=p{n},{people}") for n in range(200)], SCOPE):
            outcomes.append(outcome)
            if len(outcomes) == 10:
                server.stop()
        server.start()
        there = objects(connector)
    assert sorted(o.row for o in outcomes) == list(range(200))
    states = {state: {o.row for o in outcomes if o.state is state} for state in OutcomeState}
    assert {f"cn=p{n},{people}" for n in states[OutcomeState.DONE]} <= set(there)
    assert not {f"cn=p{n},{people}" for n in states[OutcomeState.FAILED]} & set(there)
    assert len(states[OutcomeState.DONE]) >= 10
    assert 1 <= len(states[OutcomeState.UNKNOWN]) <= 4
    assert all(o.is_retryable for o in outcomes if o.state is OutcomeState.FAILED)
