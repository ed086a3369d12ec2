import pytest

from accord.connectors.ldap.ber import attribute_selection, page_cookie, page_request, read_entry
from accord.connectors.ldap.results import CAUSES, attribute_named, cause_of, describe


def test_paged_results_values_are_those_of_rfc_2696():
    assert page_request(500, b"") == bytes.fromhex("3006020201f40400")
    assert page_request(200, b"c") == bytes.fromhex("3007020200c8040163")
    assert page_cookie(bytes.fromhex("30050201000400")) == b""
    assert page_cookie(page_request(0, b"x" * 300)) == b"x" * 300


def test_post_read_values_are_those_of_rfc_4527():
    assert attribute_selection(["cn"]) == bytes.fromhex("30040402636e")
    entry = bytes.fromhex("6413 0404636e3d61 300b 3009 0402636e 3103040178")
    assert read_entry(entry) == {"cn": [b"x"]}


def test_a_value_that_ends_early_is_refused():
    with pytest.raises(ValueError, match="too early"):
        page_cookie(bytes.fromhex("3006020201f404"))


@pytest.mark.parametrize(
    ("diagnostic", "name"),
    [
        ("mail: value #0 invalid per syntax", "mail"),
        ("modify/add: description: value #0 already exists", "description"),
        ("object class 'inetOrgPerson' requires attribute 'sn'", "sn"),
        ("attribute 'uidNumber' not allowed", None),
        ("00000057: LdapErr: DSID-0C090D8A, comment: Error, data 0, Att 7 (telephoneNumber)", "telephoneNumber"),
        ("no such value", None),
    ],
)
def test_the_attribute_is_named_where_the_server_names_it(diagnostic, name):
    assert attribute_named(diagnostic, ["mail", "description", "sn", "telephoneNumber"]) == name


def test_every_cause_has_a_remedy_and_unknown_codes_too():
    assert all(cause.code and cause.meaning and cause.remedy for cause in CAUSES.values())
    assert cause_of(9999).code == "LDAP_ERROR"
    assert {code for code, cause in CAUSES.items() if cause.is_retryable} >= {51, 52}


def test_a_message_says_what_who_and_what_to_do():
    said = describe(cause_of(65), "object class 'inetOrgPerson' requires attribute 'sn'", ["sn"])
    assert said.startswith("sn: ")
    assert "requires attribute" in said
    assert "flow every required attribute" in said
