"""SCIM 2.0 services (RFC 7643, 7644): users and groups read page by page, written one request each."""

from accord.connectors.base import Capabilities, ConnectorKind
from accord.connectors.scim.connector import open_connector
from accord.connectors.scim.settings import ScimSettings

__all__ = ["KIND", "ScimSettings"]

KIND = ConnectorKind(
    name="scim",
    title="SCIM 2.0 service",
    settings=ScimSettings,
    capabilities=Capabilities(can_write=True, can_delete=True, assigns_anchor=True, writes_single_values=True),
    open=open_connector,
    trusts_machine=True,
)
