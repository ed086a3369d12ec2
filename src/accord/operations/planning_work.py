"""Plans as queued work: of the synchronisation of everything, and of what takes back a run. Nothing else changes."""

from accord.operations.activities import find_activity
from accord.operations.performing import Order, Work, register
from accord.operations.plans import make_plan
from accord.operations.undoing import undo
from accord.runs.context import Context


def _plan(context: Context, _order: Order) -> None:
    make_plan(context)


def _undo(context: Context, order: Order) -> None:
    subject, attribute = (order.parameters.get(name) or None for name in ("subject", "attribute"))
    undo(
        context,
        str(order.parameters["run"]),
        subject=str(subject) if subject else None,
        attribute=str(attribute) if attribute else None,
    )


def _check_undo(context: Context, order: Order) -> tuple[str, ...]:
    find_activity(context, str(order.parameters["run"]))
    return ()


register(Work(name="plan", kind="plan", perform=_plan))
register(Work(name="undo", kind="undo", perform=_undo, check=_check_undo))
