"""The ldap connector against a private Active Directory that python-ldap alone seeds and reads back."""

import uuid
from collections.abc import Mapping

import pytest

ldap = pytest.importorskip("ldap")

from accord.connectors.base import ConnectorKind, Settings  # noqa: E402 - only with python-ldap
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.settings import LdapSettings  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType  # noqa: E402 - the same
from accord.testing.connector_suite import ConnectorSuite, Roles, SystemUnderTest, Values  # noqa: E402 - the same
from accord.testing.private_samba import UNIT, PrivateSamba  # noqa: E402 - the same

pytestmark = pytest.mark.samba

USER = ObjectTypeSchema(
    name="user",
    anchor=("objectGUID",),
    has_dn=True,
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="cn"),
            AttributeSchema(name="sAMAccountName"),
            AttributeSchema(name="displayName"),
            AttributeSchema(name="employeeNumber"),
            AttributeSchema(name="otherTelephone", is_multivalued=True),
            AttributeSchema(name="manager", type=ValueType.REFERENCE),
        )
    },
)
NOBODY = "00000000-0000-4000-8000-000000000000"


class ActiveDirectory:
    kind: ConnectorKind = KIND
    object_type = USER
    roles = Roles(text="displayName", other="employeeNumber", multi="otherTelephone", reference="manager")

    def __init__(self, server: PrivateSamba) -> None:
        self._server = server
        self._direct = ldap.initialize(server.url)
        self._direct.simple_bind_s(server.admin_upn, server.admin_password)
        self.settings: Settings = self._settings(server.ldaps_url)
        self.missing_settings: Settings = self._settings("ldaps://127.0.0.1:1")
        self._empty()

    def seed(self, objects: Mapping[str, Values]) -> None:
        for key, values in objects.items():
            whole = {**self.required(key), **values}
            attributes = [(name, [text.encode() for text in texts]) for name, texts in whole.items()]
            self._direct.add_s(self.dn_of(key), [("objectClass", [b"user"]), *attributes])

    def change(self, key: str, values: Values) -> None:
        changes = [(ldap.MOD_REPLACE, name, [text.encode() for text in texts]) for name, texts in values.items()]
        self._direct.modify_s(self.dn_of(key), changes)

    def remove(self, key: str) -> None:
        self._direct.delete_s(self.dn_of(key))

    def contents(self) -> Mapping[str, Values]:
        found = self._direct.search_s(UNIT, ldap.SCOPE_ONELEVEL, attrlist=list(USER.attributes))
        return {
            entry["cn"][0].decode(): {name: tuple(value.decode() for value in values) for name, values in entry.items()}
            for _dn, entry in found
        }

    def anchor_of(self, key: str) -> str:
        try:
            found = self._direct.search_s(self.dn_of(key), ldap.SCOPE_BASE, attrlist=["objectGUID"])
        except ldap.NO_SUCH_OBJECT:
            return NOBODY
        return str(uuid.UUID(bytes_le=found[0][1]["objectGUID"][0]))

    def dn_of(self, key: str) -> str:
        return f"CN={key},{UNIT}"

    def required(self, key: str) -> Values:
        return {"cn": (key,), "sAMAccountName": (key,)}

    def reference_to(self, key: str) -> str:
        return self.dn_of(key)

    def close(self) -> None:
        self._direct.unbind_s()

    def _empty(self) -> None:
        for dn, _ in self._direct.search_s(UNIT, ldap.SCOPE_ONELEVEL, attrlist=["1.1"]):
            self._direct.delete_s(dn)

    def _settings(self, url: str) -> LdapSettings:
        return LdapSettings.model_validate(
            {
                "url": url,
                "ca_file": self._server.ca_file,
                "bind_dn": self._server.admin_upn,
                "password": self._server.admin_password,
                "containers": [{"dn": UNIT}],
                "objects": {"user": {"object_class": "user"}},
            }
        )


class TestActiveDirectory(ConnectorSuite):
    @pytest.fixture(autouse=True)
    def _server(self, samba_server: PrivateSamba) -> None:
        self.server = samba_server

    def make_system(self, tmp_path) -> SystemUnderTest:
        return ActiveDirectory(self.server)
