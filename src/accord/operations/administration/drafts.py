"""Systems that are drafts still: written, but not ready to run."""

from accord.config.places import FileKind
from accord.operations.administration.desk import Desk
from accord.runs.context import Context


def draft_systems(context: Context) -> dict[str, str]:
    """Return what keeps each draft from running, by name; none where the configuration is a folder."""
    if context.configured is None or not context.store.configurations.revision():
        return {}
    drafts = Desk(context).stored.drafts
    return {
        name: "; ".join(error.message for error in errors) or "it is not complete"
        for (kind, name), errors in sorted(drafts.items())
        if kind is FileKind.SYSTEM
    }


def is_draft(context: Context, name: str) -> bool:
    """Tell whether a system is one."""
    return name in draft_systems(context)
