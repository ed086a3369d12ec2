"""What becomes of what an analysis found: it is kept, or only compared with what is kept, as a preview asks."""

from collections.abc import Mapping

import pyarrow as pa

from accord.model.plan import Count
from accord.runs.context import Context

PREVIEW = "preview"


def is_preview(parameters: Mapping[str, object]) -> bool:
    """Tell whether nothing is to be written."""
    return parameters.get(PREVIEW) is True


def keep(
    context: Context, found: Mapping[str, pa.Table], *, activity: int, preview: bool, closes: bool = False
) -> tuple[Count, ...]:
    """Make the findings of each kind exactly these and return what changed; of a preview what would.

    With `closes` those that are gone stay, as resolved.
    """
    counts: list[Count] = []
    for kind, rows in found.items():
        if preview:
            counts += context.store.findings.preview(kind, rows)
        else:
            now = context.clock()
            counts += context.store.findings.replace(kind, rows, activity=activity, now=now, closes=closes)
    return tuple(counts)


def tell(message: str, counts: tuple[Count, ...], *, preview: bool) -> str:
    """Return a run's message; that of a preview says what would change."""
    if not preview:
        return message
    told = ", ".join(f"{c.count} {c.object_type} to {c.operation}" for c in counts) or "nothing would change"
    return f"only a preview: {message}; {told}"
