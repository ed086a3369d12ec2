import uuid

from accord.connectors.ldap.client import Dialect
from accord.connectors.ldap.columns import Shape, anchor_of, to_batch
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

UUID = "34ac9284-7ad8-1041-9ef5-d34eace72e9c"


def shape(*attributes, anchor=("entryUUID",), dialect=Dialect.OPENLDAP, **more):
    schema = ObjectTypeSchema(name="person", anchor=anchor, has_dn=True, attributes={a.name: a for a in attributes})
    return Shape(schema=schema, dialect=dialect, **more)


def entry(dn="cn=a,dc=x", **values):
    named = {name.replace("__", ";"): vs for name, vs in values.items()}
    return (dn, {"entryUUID": [UUID.encode()], **named})


def rows(entries, wanted):
    batch = to_batch(entries, wanted)
    assert batch.errors == ()
    return batch.rows.to_pylist()


def test_names_and_references_have_the_same_form():
    manager = AttributeSchema(name="manager", type=ValueType.REFERENCE)
    (row,) = rows([entry("cn=Doe\\2C J, dc=x", manager=[b"CN=Doe\\2c J,dc=x"])], shape(manager))
    assert row == {
        "_anchor": UUID,
        "_at": "cn=Doe\\, J,dc=x",
        "_dn": "cn=Doe\\, J,dc=x",
        "manager": "CN=Doe\\, J,dc=x",
    }


def test_attribute_names_are_matched_without_case_and_with_binary_option():
    wanted = shape(AttributeSchema(name="givenname"), AttributeSchema(name="userCertificate", type=ValueType.BINARY))
    (row,) = rows([entry(givenName=["Änne".encode()], userCertificate__binary=[b"\x00\xff"])], wanted)
    assert (row["givenname"], row["userCertificate"]) == ("Änne", "AP8=")


def test_other_options_and_subtypes_are_not_mixed_in():
    (row,) = rows([entry(cn=[b"A"], cn__lang_de=[b"B"])], shape(AttributeSchema(name="cn")))
    assert row["cn"] == "A"


def test_typed_values_are_canonical():
    wanted = shape(
        AttributeSchema(name="enabled", type=ValueType.BOOLEAN),
        AttributeSchema(name="changed", type=ValueType.DATETIME, is_multivalued=True),
        AttributeSchema(name="own", type=ValueType.DATETIME, format="%Y%m%d%H%M%SZ"),
    )
    times = [b"20260102030405Z", b"20260102030405.0Z", b"20260102030405.250Z", b"202601020304Z"]
    (row,) = rows([entry(enabled=[b"TRUE"], changed=times, own=[b"20260102030405Z"])], wanted)
    assert row["enabled"] == "true"
    assert row["changed"] == [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.25Z",
        "202601020304Z",
    ]
    assert row["own"] == "20260102030405Z"


def test_absent_and_empty_are_null():
    wanted = shape(AttributeSchema(name="a"), AttributeSchema(name="b", is_multivalued=True))
    found = rows([entry(a=[b""], b=[b"", b""]), entry(b=[b"x", b""]), entry(a=[])], wanted)
    assert [(row["a"], row["b"]) for row in found] == [(None, None), (None, ["x"]), (None, None)]


def test_text_that_is_not_utf8_is_the_error_of_its_row_only():
    wanted = shape(AttributeSchema(name="sn"), AttributeSchema(name="mail", is_multivalued=True))
    entries = [entry("cn=1,dc=x", sn=[b"ok"]), entry("cn=2,dc=x", sn=[b"M\xfcller"]), entry("cn=3,dc=x", mail=[b"a"])]
    entries.append(entry("cn=4,dc=x", mail=[b"a", b"\xff"]))
    batch = to_batch(entries, wanted)
    assert batch.rows["_dn"].to_pylist() == ["cn=1,dc=x", "cn=3,dc=x"]
    assert [(e.code, e.at, e.attribute, e.anchor) for e in batch.errors] == [
        ("NOT_TEXT", "cn=2,dc=x", "sn", UUID),
        ("NOT_TEXT", "cn=4,dc=x", "mail", UUID),
    ]
    assert all("ller" not in e.message and e.remedy for e in batch.errors)


def test_many_values_never_silently_become_one():
    batch = to_batch([entry(sn=[b"a", b"b"]), entry(sn=[b"c"])], shape(AttributeSchema(name="sn")))
    assert batch.rows["sn"].to_pylist() == ["c"]
    (error,) = batch.errors
    assert (error.code, error.attribute) == ("MORE_THAN_ONE_VALUE", "sn")
    assert "2 values" in error.message


def test_placeholder_members_are_not_shown():
    member = AttributeSchema(name="member", type=ValueType.REFERENCE, is_multivalued=True)
    wanted = shape(member, hidden=frozenset({"cn=nobody"}), hidden_in="member")
    found = rows([entry(member=[b"CN=Nobody"]), entry(member=[b"cn=a", b"cn=nobody"]), entry()], wanted)
    assert [row["member"] for row in found] == [None, ["cn=a"], None]


def test_active_directory_s_guid_is_text_with_its_mixed_byte_order():
    guid = uuid.UUID(UUID)
    found = ("CN=a,DC=x", {"objectGUID": [guid.bytes_le], "cn": [b"a"]})
    for attributes in ([], [AttributeSchema(name="objectGUID")]):
        wanted = shape(*attributes, anchor=("objectGUID",), dialect=Dialect.ACTIVE_DIRECTORY)
        assert rows([found], wanted)[0]["_anchor"] == UUID
        assert anchor_of(found[1], wanted) == UUID


def test_an_anchor_of_several_attributes_is_joined_and_missing_when_a_part_is():
    wanted = shape(anchor=("o", "uid"))
    whole, part = {"o": [b"acme"], "UID": [b"7"]}, {"o": [b"acme"]}
    assert [row["_anchor"] for row in rows([("cn=a", whole), ("cn=b", part)], wanted)] == ["acme|7", None]
    assert (anchor_of(whole, wanted), anchor_of(part, wanted)) == ("acme|7", None)
