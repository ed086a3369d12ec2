from dataclasses import replace

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.connectors.ldap.operations import (
    Add,
    Delete,
    Kind,
    Modification,
    Modify,
    Rename,
    WriteTarget,
    to_requests,
    with_placeholder,
)
from accord.model.errors import RowError
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

ATTRIBUTES = (
    AttributeSchema(name="cn", is_multivalued=True),
    AttributeSchema(name="title"),
    AttributeSchema(name="description", is_multivalued=True),
    AttributeSchema(name="member", type=ValueType.REFERENCE, is_multivalued=True),
    AttributeSchema(name="jpegPhoto", type=ValueType.BINARY),
    AttributeSchema(name="enabled", type=ValueType.BOOLEAN),
    AttributeSchema(name="expires", type=ValueType.DATETIME),
    AttributeSchema(name="msExchGuid", type=ValueType.GUID),
    AttributeSchema(name="unicodePwd"),
)
SCHEMA = ObjectTypeSchema(name="person", anchor=("entryUUID",), has_dn=True, attributes={a.name: a for a in ATTRIBUTES})
TARGET = WriteTarget(schema=SCHEMA, object_classes=("inetOrgPerson", "posixAccount"))
GROUP = replace(TARGET, object_classes=("groupOfNames",), placeholder=("member", "cn=nobody"))
AD = replace(TARGET, is_active_directory=True)
DN = "cn=Anna,ou=people,dc=x"


def operation(kind, *changes, dn=DN, new_dn=None):
    return ExportOperation(
        row=1, operation=kind, object_type="person", anchor="a", dn=dn, new_dn=new_dn, changes=changes
    )


def to(name, *after, added=None, removed=()):
    return AttributeChange(name=name, added=after if added is None else added, removed=removed, after=after)


def only_modifications(*changes, target=TARGET):
    (request,) = to_requests(operation(Operation.UPDATE, *changes), target)
    assert isinstance(request, Modify)
    return request.modifications


def test_create_adds_classes_values_and_the_naming_attribute():
    (request,) = to_requests(operation(Operation.CREATE, to("title", "Boss")), TARGET)
    assert request == Add(
        dn=DN,
        attributes=(
            ("objectClass", (b"inetOrgPerson", b"posixAccount")),
            ("title", (b"Boss",)),
            ("cn", (b"Anna",)),
        ),
    )


def test_create_keeps_the_naming_value_that_is_sent_and_adds_classes_once():
    changes = (to("cn", "anna", "Ann"), to("objectClass", "inetOrgPerson", "extra"))
    (request,) = to_requests(operation(Operation.CREATE, *changes), TARGET)
    attributes = dict(request.attributes)
    assert attributes["cn"] == (b"anna", b"Ann")
    assert attributes["objectClass"] == (b"inetOrgPerson", b"posixAccount", b"extra")


def test_a_group_that_may_not_be_empty_gets_its_placeholder():
    (created,) = to_requests(operation(Operation.CREATE), GROUP)
    assert dict(created.attributes)["member"] == (b"cn=nobody",)
    emptied = AttributeChange(name="member", removed=("cn=a",), after=())
    assert only_modifications(emptied, target=GROUP) == (
        Modification(kind=Kind.REPLACE, name="member", values=(b"cn=nobody",)),
    )


def test_a_refused_removal_of_members_is_repeated_with_the_placeholder():
    change = AttributeChange(name="member", removed=("cn=a",), after=None)
    (request,) = to_requests(operation(Operation.UPDATE, change), GROUP)
    assert with_placeholder(request, GROUP).modifications == (
        Modification(kind=Kind.ADD, name="member", values=(b"cn=nobody",)),
        Modification(kind=Kind.DELETE, name="member", values=(b"cn=a",)),
    )
    assert with_placeholder(request, TARGET) is None


def test_single_values_are_replaced_and_cleared():
    assert only_modifications(to("title", "New", removed=("Old",)), to("expires", removed=("x",))) == (
        Modification(kind=Kind.REPLACE, name="title", values=(b"New",)),
        Modification(kind=Kind.REPLACE, name="expires", values=()),
    )


def test_of_many_values_only_the_difference_is_sent():
    change = to("member", "cn=a", "cn=b", "cn=c", added=("cn=c",), removed=("cn=z",))
    assert only_modifications(change) == (
        Modification(kind=Kind.DELETE, name="member", values=(b"cn=z",)),
        Modification(kind=Kind.ADD, name="member", values=(b"cn=c",)),
    )


def test_many_values_go_in_consecutive_modifies_of_a_thousand():
    members = tuple(f"cn=m{n}" for n in range(2500))
    change = AttributeChange(name="member", added=members, after=None)
    requests = to_requests(operation(Operation.UPDATE, to("title", "x"), change), TARGET)
    assert [sum(len(m.values) for m in r.modifications) for r in requests] == [1, 1000, 1000, 500]
    sent = [value.decode() for r in requests for m in r.modifications if m.name == "member" for value in m.values]
    assert tuple(sent) == members


def test_rename_in_place_and_move():
    assert to_requests(operation(Operation.RENAME, new_dn="cn=Ann, OU=People,dc=x"), TARGET) == (
        Rename(dn=DN, new_rdn="cn=Ann", new_superior=None),
    )
    assert to_requests(operation(Operation.RENAME, new_dn="cn=Anna,ou=left,dc=x"), TARGET) == (
        Rename(dn=DN, new_rdn="cn=Anna", new_superior="ou=left,dc=x"),
    )


def test_a_rename_with_changes_modifies_the_new_name_without_what_the_rename_does():
    changes = (to("cn", "Ann", removed=("Anna",)), to("title", "Boss"))
    assert to_requests(operation(Operation.RENAME, *changes, new_dn="cn=Ann,ou=people,dc=x"), TARGET) == (
        Rename(dn=DN, new_rdn="cn=Ann", new_superior=None),
        Modify(
            dn="cn=Ann,ou=people,dc=x",
            modifications=(Modification(kind=Kind.REPLACE, name="title", values=(b"Boss",)),),
        ),
    )


def test_taking_the_naming_value_out_of_an_entry_is_refused_with_the_remedy():
    for change in (to("cn", "Ann", removed=("Anna",)), to("cn", removed=("anna",))):
        error = to_requests(operation(Operation.UPDATE, change), TARGET)
        assert isinstance(error, RowError)
        assert (error.code, error.attribute) == ("NAMING_ATTRIBUTE", "cn")
        assert "rename" in error.remedy
    assert only_modifications(to("cn", "Anna", "Ann", added=("Ann",))) == (
        Modification(kind=Kind.ADD, name="cn", values=(b"Ann",)),
    )


def test_delete_is_one_request():
    assert to_requests(operation(Operation.DELETE), TARGET) == (Delete(dn=DN),)


def test_values_are_written_in_the_directory_s_own_form():
    changes = (
        to("jpegPhoto", "AAEC"),
        to("enabled", "true"),
        to("expires", "2026-01-02T03:04:05Z"),
        to("msExchGuid", "00112233-4455-6677-8899-aabbccddeeff"),
    )
    assert [m.values[0] for m in only_modifications(*changes)] == [
        b"\x00\x01\x02",
        b"TRUE",
        b"20260102030405Z",
        b"00112233-4455-6677-8899-aabbccddeeff",
    ]
    on_ad = [m.values[0] for m in only_modifications(*changes, to("unicodePwd", "Pässword"), target=AD)]
    assert on_ad[2] == b"20260102030405.0Z"
    assert on_ad[3] == bytes.fromhex("33221100554477668899aabbccddeeff")
    assert on_ad[4] == '"Pässword"'.encode("utf-16-le")


def test_a_value_that_is_not_of_its_type_fails_without_showing_it():
    for name, value in (("enabled", "s3cret"), ("jpegPhoto", "s3cret!"), ("title", "s3cret\udc80")):
        error = to_requests(operation(Operation.UPDATE, to(name, value)), TARGET)
        assert isinstance(error, RowError)
        assert error.code == "INVALID_VALUE"
        assert name in error.message
        assert "s3cret" not in error.message


def test_a_name_that_is_no_name_fails_alone():
    assert to_requests(operation(Operation.DELETE, dn="nonsense"), TARGET).code == "INVALID_VALUE"
    assert to_requests(operation(Operation.DELETE, dn=None), TARGET).code == "NO_DN"
