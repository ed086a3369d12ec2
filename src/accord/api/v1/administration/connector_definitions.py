"""Connector definitions: what kinds of systems there are, and their settings."""

from fastapi import APIRouter

from accord.api.callers import AsReader
from accord.api.v1.administration.desks import looking
from accord.operations.administration import connectors as op

router = APIRouter(prefix="/api/v1/synchronisation/connector-definitions", tags=["Connected systems"])


@router.get("")
def list_connector_definitions(door: AsReader) -> list[op.ConnectorHead]:
    """List the kinds of connectors that are installed."""
    with looking(door) as desk:
        return op.list_connectors(desk)


@router.get("/by-name/{name}")
def find_connector_definition(door: AsReader, name: str) -> op.ConnectorDetail:
    """Return the connector of a name with its settings; the contract's names are known too."""
    with looking(door) as desk:
        return op.find_connector(desk, name)


@router.get("/{definition_id}")
def read_connector_definition(door: AsReader, definition_id: int) -> op.ConnectorDetail:
    """Return one connector with its settings."""
    with looking(door) as desk:
        return op.read_connector(desk, definition_id)
