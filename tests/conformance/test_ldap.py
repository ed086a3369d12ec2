"""The ldap connector against a private OpenLDAP that python-ldap alone seeds and reads back."""

from collections.abc import Mapping
from pathlib import Path

import pytest

ldap = pytest.importorskip("ldap")

from accord.connectors.base import ConnectorKind, Settings  # noqa: E402 - only with python-ldap
from accord.connectors.ldap import KIND  # noqa: E402 - the same
from accord.connectors.ldap.settings import LdapSettings  # noqa: E402 - the same
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType  # noqa: E402 - the same
from accord.testing.connector_suite import ConnectorSuite, Roles, SystemUnderTest, Values  # noqa: E402 - the same
from accord.testing.private_slapd import PrivateSlapd, find_slapd  # noqa: E402 - the same

pytestmark = [
    pytest.mark.ldap,
    pytest.mark.skipif(find_slapd() is None, reason="slapd is not installed"),
]

PERSON = ObjectTypeSchema(
    name="person",
    anchor=("entryUUID",),
    has_dn=True,
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="uid", is_multivalued=True),
            AttributeSchema(name="cn", is_multivalued=True),
            AttributeSchema(name="sn", is_multivalued=True),
            AttributeSchema(name="displayName"),
            AttributeSchema(name="employeeNumber"),
            AttributeSchema(name="description", is_multivalued=True),
            AttributeSchema(name="manager", type=ValueType.REFERENCE, is_multivalued=True),
        )
    },
)
NOBODY = "00000000-0000-4000-8000-000000000000"


class LdapSystem:
    kind: ConnectorKind = KIND
    object_type = PERSON
    roles = Roles(text="displayName", other="employeeNumber", multi="description", reference="manager")

    def __init__(self, folder: Path) -> None:
        self._server = PrivateSlapd(folder / "slapd", overlays=("syncprov",))
        self._server.start()
        self._people = f"ou=people,{self._server.suffix}"
        self._direct = ldap.initialize(self._server.url)
        self._direct.simple_bind_s(self._server.admin_dn, self._server.admin_password)
        self.settings: Settings = self._settings(self._server.url)
        self.missing_settings: Settings = self._settings("ldap://127.0.0.1:1")

    def seed(self, objects: Mapping[str, Values]) -> None:
        for key, values in objects.items():
            whole = {**self.required(key), **values}
            attributes = [(name, [text.encode() for text in texts]) for name, texts in whole.items()]
            self._direct.add_s(self.dn_of(key), [("objectClass", [b"inetOrgPerson"]), *attributes])

    def change(self, key: str, values: Values) -> None:
        changes = [(ldap.MOD_REPLACE, name, [text.encode() for text in texts]) for name, texts in values.items()]
        self._direct.modify_s(self.dn_of(key), changes)

    def remove(self, key: str) -> None:
        self._direct.delete_s(self.dn_of(key))

    def contents(self) -> Mapping[str, Values]:
        found = self._direct.search_s(self._people, ldap.SCOPE_ONELEVEL, attrlist=list(PERSON.attributes))
        return {
            entry["uid"][0].decode(): {
                name: tuple(value.decode() for value in values) for name, values in entry.items()
            }
            for _dn, entry in found
        }

    def anchor_of(self, key: str) -> str:
        try:
            found = self._direct.search_s(self.dn_of(key), ldap.SCOPE_BASE, attrlist=["entryUUID"])
        except ldap.NO_SUCH_OBJECT:
            return NOBODY
        return found[0][1]["entryUUID"][0].decode()

    def dn_of(self, key: str) -> str:
        return f"uid={key},{self._people}"

    def required(self, key: str) -> Values:
        return {"uid": (key,), "cn": (key,), "sn": (key,)}

    def reference_to(self, key: str) -> str:
        return self.dn_of(key)

    def close(self) -> None:
        self._direct.unbind_s()
        self._server.stop()

    def _settings(self, url: str) -> LdapSettings:
        return LdapSettings.model_validate(
            {
                "url": url,
                "ca_file": self._server.ca_file,
                "bind_dn": self._server.admin_dn,
                "password": self._server.admin_password,
                "objects": {"person": {"object_class": "inetOrgPerson"}},
            }
        )


class TestLdap(ConnectorSuite):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        return LdapSystem(tmp_path)
