from pathlib import Path

import pytest
from pydantic import ValidationError

from accord.connectors.ldap.settings import LdapSettings


def settings(**values):
    return LdapSettings.model_validate(
        {"url": "ldap://directory.example.org", **values}, context={"base": "/etc/accord"}
    )


def test_plain_addresses_are_upgraded_by_default():
    found = settings()
    assert found.uses_start_tls
    assert found.is_encrypted
    assert found.host_and_port == ("directory.example.org", 389)


def test_ldaps_is_encrypted_from_the_first_byte():
    found = settings(url="ldaps://[::1]:1636/")
    assert not found.uses_start_tls
    assert found.host_and_port == ("::1", 1636)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"start_tls": False}, "insecure: true"),
        ({"start_tls": True, "insecure": True}, "choose one"),
        ({"url": "ldaps://x", "insecure": True}, "encrypted already"),
        ({"url": "ldapi:///x"}, "ldaps://HOST"),
        ({"url": "ldap://x/dc=x"}, "ldaps://HOST"),
        ({"bind_dn": "cn=admin"}, "needs a password"),
        ({"bind_dn": "cn=admin", "password": ""}, "needs a password"),
        ({"password": "x"}, "needs a bind_dn"),
        ({"containers": [{"dn": "people"}]}, "not a distinguished name"),
        ({"objects": {"p": {"object_class": "person", "filter": "cn=a"}}}, "parentheses"),
        ({"objects": {"p": {"object_class": []}}}, "at least 1"),
    ],
)
def test_dangerous_or_senseless_settings_are_refused(values, said):
    with pytest.raises(ValidationError, match=said):
        settings(**values)


def test_unprotected_takes_the_explicit_word():
    assert not settings(insecure=True).is_encrypted


def test_the_password_is_in_no_text():
    found = settings(bind_dn="cn=admin", password="s3cret")
    assert "s3cret" not in repr(found) + str(found.model_dump_json())
    with pytest.raises(ValidationError) as error:
        settings(bind_dn="cn=admin", password="s3cret", url="http://x")
    assert "s3cret" not in str(error.value)


def test_relative_files_start_at_the_configuration_folder():
    assert settings(ca_file="ca.pem").ca_file == Path("/etc/accord/ca.pem")
