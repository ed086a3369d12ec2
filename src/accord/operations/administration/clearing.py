"""Forgetting what a system said."""

from accord.operations.administration.desk import Desk
from accord.runs.clear_run import run_clear
from accord.store.audit import Deed


def clear_system(desk: Desk, name: str, reason: str) -> None:
    """Empty the connector space of a system; what its objects gave goes by the next synchronisation, within the guard.

    Raises SystemBusy while something runs on it.
    """
    context = desk.context
    context.store.audit.add(
        Deed(actor=context.actor, action="clear_connector_space", subject=name, reason=reason), at=context.clock()
    )
    run_clear(context, name)
