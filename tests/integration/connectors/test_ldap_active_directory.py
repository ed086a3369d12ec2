"""What the ldap connector does on a real Active Directory: accounts that sign in, and what the domain refuses."""

from collections.abc import Iterator
from contextlib import closing

import pytest

ldap = pytest.importorskip("ldap")

from accord.connectors.base import (  # noqa: E402 - only with python-ldap
    AttributeChange,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadScope,
)
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.settings import LdapSettings  # noqa: E402 - the same
from accord.model.errors import SystemRefused  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType  # noqa: E402 - the same
from accord.testing.private_samba import UNIT, PrivateSamba  # noqa: E402 - the same

pytestmark = pytest.mark.samba

PASSWORD = "Summer-2026-x"
USER = ObjectTypeSchema(
    name="user",
    anchor=("objectGUID",),
    has_dn=True,
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="cn"),
            AttributeSchema(name="sAMAccountName"),
            AttributeSchema(name="userPrincipalName"),
            AttributeSchema(name="unicodePwd"),
            AttributeSchema(name="userAccountControl", type=ValueType.INTEGER),
            AttributeSchema(name="manager", type=ValueType.REFERENCE),
        )
    },
)


@pytest.fixture
def domain(samba_server: PrivateSamba) -> Iterator[PrivateSamba]:
    samba_server.empty_unit()
    yield samba_server
    samba_server.empty_unit()


def settings(domain: PrivateSamba, url: str, **others: object) -> LdapSettings:
    given = {
        "url": url,
        "bind_dn": domain.admin_upn,
        "password": domain.admin_password,
        "containers": [{"dn": UNIT}],
        "objects": {"user": {"object_class": "user"}},
    }
    return LdapSettings.model_validate(given | others)


def secure(domain: PrivateSamba) -> LdapSettings:
    return settings(domain, domain.ldaps_url, ca_file=domain.ca_file)


def create(values: dict[str, str], *, cn: str = "Ann", parent: str = UNIT, row: int = 0) -> ExportOperation:
    whole = {"cn": cn, "sAMAccountName": cn, **values}
    return ExportOperation(
        row=row,
        operation=Operation.CREATE,
        object_type="user",
        anchor=None,
        dn=f"CN={cn},{parent}",
        changes=tuple(AttributeChange(name=n, added=(v,), after=(v,)) for n, v in whole.items()),
    )


def write(with_settings: LdapSettings, *operations: ExportOperation) -> list[ExportOutcome]:
    with closing(KIND.open(with_settings)) as connector:
        outcomes = list(connector.write(operations, ReadScope(object_types={"user": USER})))
    return sorted(outcomes, key=lambda outcome: outcome.row)


@pytest.mark.parametrize("way", ["ldaps", "start_tls"])
def test_an_account_is_made_enabled_and_signs_in_with_its_password(domain: PrivateSamba, way: str) -> None:
    url = domain.ldaps_url if way == "ldaps" else domain.url
    by = settings(domain, url, ca_file=domain.ca_file)

    (outcome,) = write(by, create({"unicodePwd": PASSWORD, "userAccountControl": "512"}))

    assert (outcome.state, outcome.message) == (OutcomeState.DONE, "")
    assert outcome.anchor is not None
    assert domain.can_sign_in("Ann", PASSWORD)
    assert not domain.can_sign_in("Ann", "another-Password-1")


def test_a_password_is_never_sent_in_clear(domain: PrivateSamba) -> None:
    by = settings(domain, domain.url, insecure=True)

    (outcome,) = write(by, create({"unicodePwd": PASSWORD, "userAccountControl": "512"}))

    assert outcome.code == "TLS_REQUIRED"
    assert PASSWORD not in outcome.message
    assert domain.names_in_unit() == []


@pytest.mark.parametrize(
    ("operation", "code", "said"),
    [
        (create({"unicodePwd": "abc"}), "PASSWORD_POLICY", "does not satisfy the domain's policy"),
        (create({"unicodePwd": "onlylowercase"}), "PASSWORD_POLICY", "complexity"),
        (create({"sAMAccountName": "a" * 21}), "INVALID_NAME", "21 characters, and the domain allows 20"),
        (create({"sAMAccountName": "a[b"}), "INVALID_NAME", "holds ["),
        (create({"sAMAccountName": "ann."}), "INVALID_NAME", "ends with a dot"),
        (create({}, cn="c" * 65, row=0), "INVALID_NAME", "65 characters, and the domain allows 64"),
        (create({}, parent=f"OU=Nowhere,{UNIT}"), "PARENT_MISSING", "parent does not exist"),
        (create({"manager": f"CN=Nobody,{UNIT}"}), "REFERENCE_MISSING", "not there"),
    ],
)
def test_what_the_domain_refuses_is_said_for_that_row(
    domain: PrivateSamba, operation: ExportOperation, code: str, said: str
) -> None:
    (outcome,) = write(secure(domain), operation)

    assert (outcome.state, outcome.code) == (OutcomeState.FAILED, code)
    assert said in outcome.message
    assert "onlylowercase" not in outcome.message
    assert domain.names_in_unit() == []


def test_names_that_are_taken_are_told_apart(domain: PrivateSamba) -> None:
    assert write(secure(domain), create({}, cn="Ann"))[0].state is OutcomeState.DONE

    same_dn, same_account = write(
        secure(domain),
        create({"sAMAccountName": "other"}, cn="Ann", row=0),
        create({"sAMAccountName": "Ann"}, cn="Another Ann", row=1),
    )

    assert (same_dn.code, same_account.code) == ("ALREADY_EXISTS", "NAME_IN_USE")


def test_discovery_knows_what_auxiliary_classes_give_to_users(domain: PrivateSamba) -> None:
    with closing(KIND.open(secure(domain))) as connector:
        user = connector.discover().object_types["user"]

    assert user.attributes["sAMAccountName"].is_required
    assert user.attributes["manager"].type is ValueType.REFERENCE
    assert user.attributes["unicodePwd"].type is ValueType.TEXT


def test_a_certificate_of_an_unknown_authority_is_refused(domain: PrivateSamba) -> None:
    with closing(KIND.open(settings(domain, domain.ldaps_url))) as connector, pytest.raises(SystemRefused) as refused:
        connector.test()

    assert "certificate" in str(refused.value)
