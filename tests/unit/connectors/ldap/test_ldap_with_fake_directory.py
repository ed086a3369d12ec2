"""What no server here does on demand: Active Directory's ways, and connections lost in the middle."""

import uuid
from collections import deque
from dataclasses import replace

import pytest

from accord.connectors.base import AttributeChange, ExportOperation, Operation, OutcomeState, ReadScope
from accord.connectors.ldap.client import ReadBack, Response, SearchPage, Subschema
from accord.connectors.ldap.connector import LdapConnector
from accord.connectors.ldap.operations import Add, Modify
from accord.connectors.ldap.settings import LdapSettings
from accord.model.errors import IncompleteRead, SystemRefused, SystemUnavailable, WatermarkLost
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

GUIDS = [uuid.UUID(int=n) for n in range(1, 50)]
AD_ROOT = {
    "supportedCapabilities": [b"1.2.840.113556.1.4.800"],
    "defaultNamingContext": [b"DC=corp,DC=example"],
    "namingContexts": [b"DC=corp,DC=example", b"CN=Configuration,DC=corp,DC=example"],
}
OPENLDAP_ROOT = {"namingContexts": [b"dc=x", b"cn=accesslog"], "structuralObjectClass": [b"OpenLDAProotDSE"]}
USER = ObjectTypeSchema(
    name="user",
    anchor=("objectGUID",),
    has_dn=True,
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="cn"),
            AttributeSchema(name="member", type=ValueType.REFERENCE, is_multivalued=True),
            AttributeSchema(name="unicodePwd"),
        )
    },
)
SCOPE = ReadScope(object_types={"user": USER})


class FakeDirectory:
    def __init__(self, root=AD_ROOT, pages=(), entries=None, is_encrypted=True, dies_after=None):
        self.root, self.pages, self.entries = root, pages, entries or {}
        self.is_encrypted = is_encrypted
        self.searches, self.reads, self.submitted = [], [], []
        self.answers = deque()
        self.dies_after = dies_after
        self.is_closed = False

    def facts(self):
        return (("protection", "fake"),)

    def root_dse(self):
        return self.root

    def subschema(self):
        return Subschema()

    def search_pages(self, search, page_rows):
        self.searches.append((search, page_rows))
        yield from self.pages

    def read_entry(self, dn, attributes):
        self.reads.append((dn, tuple(attributes)))
        return self.entries.get((dn, tuple(attributes)))

    def submit(self, request, controls=()):
        if self.dies_after is not None and len(self.submitted) >= self.dies_after:
            raise SystemUnavailable("the connection was lost")
        self.submitted.append(request)
        self.answers.append(len(self.submitted))
        return len(self.submitted)

    def poll(self):
        if self.dies_after is not None and len(self.submitted) >= self.dies_after:
            raise SystemUnavailable("the connection was lost")
        number = self.answers.popleft()
        request = self.submitted[number - 1]
        if isinstance(request, ReadBack):
            guid = GUIDS[number].bytes_le
            return Response(id=number, code=0, entries=((request.dn, {"objectGUID": [guid]}),))
        return Response(id=number, code=0)

    def close(self):
        self.is_closed = True


def connector(directory, **settings):
    whole = {"url": "ldaps://dc1.corp.example", **settings}
    return LdapConnector(LdapSettings.model_validate(whole), lambda _: directory)


def user(number, **attributes):
    given = {"objectGUID": [GUIDS[number].bytes_le], **attributes}
    return (f"CN=u{number},DC=corp,DC=example", given)


def creation(row, *changes, dn=None):
    return ExportOperation(
        row=row,
        operation=Operation.CREATE,
        object_type="user",
        anchor=None,
        dn=dn or f"CN=u{row},DC=corp,DC=example",
        changes=changes,
    )


def test_active_directory_is_recognised_and_only_its_own_domain_is_read():
    directory = FakeDirectory(pages=[SearchPage(entries=[user(1, cn=[b"A"])])])
    (batch,) = connector(directory).read(SCOPE)
    assert batch.rows["_anchor"].to_pylist() == [str(GUIDS[1])]
    ((search, _rows),) = directory.searches
    assert search.base == "DC=corp,DC=example"
    assert search.filter == "(&(objectClass=user)(!(objectClass=computer)))"
    assert set(search.attributes) == {"objectGUID", "cn", "member", "unicodePwd"}


def test_empty_pages_and_referrals_of_active_directory_are_passed_over():
    pages = [
        SearchPage(entries=[user(1)]),
        SearchPage(entries=[]),
        SearchPage(entries=[user(2)], referrals=("ldap://DomainDnsZones.corp.example/DC=...",)),
        SearchPage(entries=[]),
    ]
    (batch,) = connector(FakeDirectory(pages=pages)).read(SCOPE)
    assert batch.rows.num_rows == 2
    assert batch.errors == ()


def test_referrals_of_other_directories_are_reported_as_not_read():
    pages = [SearchPage(entries=[], referrals=("ldap://elsewhere/ou=b,dc=x",))]
    directory = FakeDirectory(root=OPENLDAP_ROOT, pages=pages)
    (batch,) = connector(directory).read(SCOPE)
    assert [(e.code, e.at) for e in batch.errors] == [("REFERRAL", "ldap://elsewhere/ou=b,dc=x")]
    assert [search.base for search, _ in directory.searches] == ["dc=x"]


def test_ranged_values_are_followed_to_their_end():
    names = [f"CN=m{n},DC=corp,DC=example".encode() for n in range(7)]
    found = user(1, **{"member": [], "member;range=0-2": names[:3]})
    entries = {
        (found[0], ("member;range=3-*",)): {"member;range=3-5": names[3:6]},
        (found[0], ("member;range=6-*",)): {"member": [], "member;range=6-*": names[6:]},
    }
    (batch,) = connector(FakeDirectory(pages=[SearchPage(entries=[found])], entries=entries)).read(SCOPE)
    assert batch.rows["member"].to_pylist() == [[name.decode() for name in names]]


def test_ranged_values_that_vanish_make_the_read_incomplete():
    found = user(1, **{"member;range=0-2": [b"a", b"b", b"c"]})
    with pytest.raises(IncompleteRead, match="member"):
        list(connector(FakeDirectory(pages=[SearchPage(entries=[found])])).read(SCOPE))


def test_the_anchor_is_read_back_in_the_pipeline_where_there_is_no_post_read():
    directory = FakeDirectory()
    outcomes = list(connector(directory, window=2).write([creation(1), creation(2)], SCOPE))
    assert {o.state for o in outcomes} == {OutcomeState.DONE}
    assert all(o.anchor in {str(guid) for guid in GUIDS} for o in outcomes)
    assert [type(r) for r in directory.submitted] == [Add, Add, ReadBack, ReadBack]


def test_a_lost_connection_leaves_what_was_sent_unknown_and_the_rest_to_be_tried_again():
    directory = FakeDirectory(dies_after=2)
    outcomes = {o.row: o for o in connector(directory, window=2).write([creation(n) for n in range(4)], SCOPE)}
    assert [outcomes[n].state for n in range(4)] == [
        OutcomeState.UNKNOWN,
        OutcomeState.UNKNOWN,
        OutcomeState.FAILED,
        OutcomeState.FAILED,
    ]
    assert [outcomes[n].is_retryable for n in (2, 3)] == [True, True]
    assert directory.is_closed


def test_a_connection_lost_before_anything_was_sent_is_an_error_of_the_whole():
    with pytest.raises(SystemUnavailable):
        list(connector(FakeDirectory(dies_after=0)).write([creation(1)], SCOPE))


def test_passwords_are_not_sent_in_clear_and_never_shown():
    password = AttributeChange(name="unicodePwd", added=("s3cret",), after=("s3cret",))
    directory = FakeDirectory(is_encrypted=False)
    outcomes = {o.row: o for o in connector(directory).write([creation(1, password), creation(2)], SCOPE)}
    assert outcomes[1].code == "TLS_REQUIRED"
    assert "s3cret" not in str(outcomes[1])
    assert outcomes[2].state is OutcomeState.DONE
    sent = [request for request in directory.submitted if isinstance(request, Add)]
    assert [request.dn for request in sent] == ["CN=u2,DC=corp,DC=example"]


def test_a_server_that_quotes_a_password_is_not_quoted():
    class Quoting(FakeDirectory):
        def poll(self):
            return Response(id=self.answers.popleft(), code=19, diagnostic="s3cret is too short")

    password = AttributeChange(name="unicodePwd", added=("s3cret",), after=("s3cret",))
    (outcome,) = connector(Quoting()).write([creation(1, password)], SCOPE)
    assert outcome.code == "CONSTRAINT_VIOLATION"
    assert "s3cret" not in outcome.message
    assert "*** is too short" in outcome.message


def test_only_one_changed_member_travels_for_a_group_of_any_size():
    directory = FakeDirectory()
    change = AttributeChange(name="member", added=("CN=new,DC=corp,DC=example",), after=None)
    operation = ExportOperation(
        row=1, operation=Operation.UPDATE, object_type="user", anchor="a", dn="CN=g,DC=x", changes=(change,)
    )
    assert [o.state for o in connector(directory).write([operation], SCOPE)] == [OutcomeState.DONE]
    (sent,) = directory.submitted
    assert isinstance(sent, Modify)
    assert [m.values for m in sent.modifications] == [(b"CN=new,DC=corp,DC=example",)]


class ChangingDirectory(FakeDirectory):
    """A domain controller: what a search finds is decided by a word of its filter."""

    def __init__(self, usn=b"100", invocation=GUIDS[40], found=None):
        super().__init__(root={**AD_ROOT, "dsServiceName": [b"CN=NTDS"], "highestCommittedUSN": [usn]})
        self.entries = {("CN=NTDS", ("invocationId",)): {"invocationId": [invocation.bytes_le]}}
        self.found = found or {}

    def search_pages(self, search, page_rows):
        self.searches.append((search, page_rows))
        entries = next((e for word, e in self.found.items() if word in search.filter), [])
        yield SearchPage(entries=entries)


def changes_of(directory, since, **settings):
    batches = list(connector(directory, **settings).read_changes(SCOPE, since))
    anchors = [anchor for batch in batches for anchor in batch.rows["_anchor"].to_pylist()]
    return anchors, [anchor for batch in batches for anchor in batch.removed], batches[-1].watermark


def test_active_directory_tells_changes_by_usn_and_deletions_by_tombstones():
    since = connector(ChangingDirectory(usn=b"100")).watermark()
    gone = {"objectGUID": [GUIDS[2].bytes_le]}
    found = {"organizationalUnit": [], "objectClass=user": [user(1)], "": [user(1), ("CN=x,CN=Deleted Objects", gone)]}
    directory = ChangingDirectory(usn=b"120", found=found)
    anchors, removed, after = changes_of(directory, since)
    assert (anchors, removed) == ([str(GUIDS[1])], [str(GUIDS[2])])
    assert after == connector(ChangingDirectory(usn=b"120")).watermark()
    with_tombstones = [s for s, _ in directory.searches if s.controls]
    assert [(s.filter, s.controls[0].oid) for s in with_tombstones] == [("(uSNChanged>=101)", "1.2.840.113556.1.4.417")]


def test_a_user_moved_out_of_the_containers_of_active_directory_is_removed():
    only = {"containers": [{"dn": "OU=a,DC=corp,DC=example"}]}
    since = connector(ChangingDirectory(), **only).watermark()
    found = {"organizationalUnit": [], "objectClass=user": [], "": [user(3)]}
    assert changes_of(ChangingDirectory(found=found), since, **only)[:2] == ([], [str(GUIDS[3])])


@pytest.mark.parametrize(
    "directory",
    [
        pytest.param(ChangingDirectory(invocation=GUIDS[41]), id="another domain controller"),
        pytest.param(ChangingDirectory(usn=b"99"), id="restored"),
        pytest.param(ChangingDirectory(found={"organizationalUnit": [("OU=a", {})]}), id="a container changed"),
    ],
)
def test_the_watermark_of_active_directory_is_lost(directory):
    since = connector(ChangingDirectory(usn=b"100")).watermark()
    with pytest.raises(WatermarkLost):
        changes_of(directory, since)


def test_a_domain_controller_that_hides_its_numbers_is_refused():
    directory = ChangingDirectory()
    directory.entries = {}
    with pytest.raises(SystemRefused) as raised:
        connector(directory).watermark()
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("container", "written"),
    [
        ({"dn": "OU=People,DC=corp,DC=example"}, {0, 1}),
        ({"dn": "ou=people,dc=corp,dc=example", "scope": "one_level"}, {0}),
        ({"dn": "OU=Sub,OU=People,DC=corp,DC=example", "mode": "exclude"}, {0, 2}),
    ],
)
def test_nothing_is_written_where_nothing_is_read(container, written):
    at = {0: "OU=People,DC=corp,DC=example", 1: "OU=Sub,OU=People,DC=corp,DC=example", 2: "OU=Other,DC=corp,DC=example"}
    made = [replace(creation(row), dn=f"CN=n{row},{parent}") for row, parent in at.items()]
    moved = [
        replace(o, operation=Operation.RENAME, anchor=str(GUIDS[9]), dn=f"CN=n,{at[0]}", new_dn=o.dn, changes=())
        for o in made
    ]
    for operations in (made, moved):
        outcomes = {o.row: o for o in connector(FakeDirectory(), containers=[container]).write(operations, SCOPE)}
        refused = {row for row, outcome in outcomes.items() if outcome.code == "OUTSIDE_CONTAINERS"}
        assert refused == set(at) - written
        assert not any(outcomes[row].is_retryable for row in refused)
        anywhere = connector(FakeDirectory(), containers=[container], write_outside=True).write(operations, SCOPE)
        assert all(outcome.code != "OUTSIDE_CONTAINERS" for outcome in anywhere)
