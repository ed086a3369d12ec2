import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.connectors.ldap.dn import (
    ancestors,
    escape_filter_value,
    escape_value,
    first_rdn,
    name_key,
    normalise,
    normalise_or_keep,
    parse,
    split,
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("cn=Anna,ou=people,dc=example,dc=org", "cn=Anna,ou=people,dc=example,dc=org"),
        (" CN = Anna , OU= people ", "CN=Anna,OU=people"),
        ("cn=Doe\\2C John,dc=x", "cn=Doe\\, John,dc=x"),
        ("cn=Doe\\, John,dc=x", "cn=Doe\\, John,dc=x"),
        ('cn="Doe, John",dc=x', "cn=Doe\\, John,dc=x"),
        ("cn=\\23x\\20,dc=x", "cn=\\#x\\ ,dc=x"),
        ("cn=a\\2Bb+uid=1,dc=x", "cn=a\\+b+uid=1,dc=x"),
        ("cn=L\\C3\\BCtz,dc=x", "cn=Lütz,dc=x"),
        ("cn=a\\3Db,dc=x", "cn=a=b,dc=x"),
        ("cn=a = b,dc=x", "cn=a = b,dc=x"),
        ("cn=two  spaces,dc=x", "cn=two  spaces,dc=x"),
        ("1.2.840=#04024869,dc=x", "1.2.840=#04024869,dc=x"),
        ("cn=a;dc=x", "cn=a,dc=x"),
        ("cn=,dc=x", "cn=,dc=x"),
        ("", ""),
    ],
)
def test_every_way_to_write_a_name_has_one_normal_form(written, normal):
    assert normalise(written) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize("text", ["no name", "=x,dc=y", "cn=a,,dc=x", 'cn="open', "cn=a\\", "cn=\\ff,dc=x", "c n=a"])
def test_what_is_not_a_name_is_refused_or_kept_as_it_is(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)
    assert normalise_or_keep(text) == text


@given(st.lists(st.text(min_size=1).filter(lambda t: t.encode(errors="ignore").decode() == t), min_size=1, max_size=4))
def test_any_value_survives_a_name(values):
    dn = ",".join(f"cn={escape_value(value)}" for value in values)
    assert [rdn[0].value for rdn in parse(dn)] == values
    assert normalise(dn) == dn
    assert first_rdn(dn)[0].value == values[0]
    assert len(list(ancestors(dn))) == len(values) - 1


def test_split_leaves_escaped_separators_alone():
    assert split("cn=a\\,b\\\\,ou=x,dc=y") == ("cn=a\\,b\\\\", "ou=x,dc=y")
    assert split("dc=y") == ("dc=y", "")


def test_names_are_compared_without_case():
    assert name_key("CN=Änna, OU=People") == name_key("cn=änna,ou=people")


def test_a_filter_value_cannot_widen_the_filter():
    assert escape_filter_value("*)(uid=*\\\x00") == "\\2a\\29\\28uid=\\2a\\5c\\00"
