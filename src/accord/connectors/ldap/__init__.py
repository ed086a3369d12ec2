"""LDAP directories: OpenLDAP and its like, and Active Directory; read with paging, written with pipelining.

`python_ldap` is the one module that touches the library; the other modules know only `client.DirectoryClient`.
"""

from accord.connectors.base import Capabilities, ConnectorKind
from accord.connectors.ldap.connector import opener
from accord.connectors.ldap.python_ldap import connect
from accord.connectors.ldap.settings import LdapSettings

KIND = ConnectorKind(
    name="ldap",
    title="LDAP directory (OpenLDAP, Active Directory)",
    settings=LdapSettings,
    capabilities=Capabilities(
        can_read=True,
        can_write=True,
        can_rename=True,
        can_delete=True,
        has_dn=True,
        assigns_anchor=True,
        writes_single_values=True,
        can_read_changes=True,
    ),
    open=opener(connect),
    trusts_machine=True,
)

__all__ = ["KIND"]
