"""Why one reference is there or is not, for whoever asks: a member of a group of any size."""

from dataclasses import dataclass

from accord.model.errors import NotFound, UsageError
from accord.operations.decisions import Decision, decisions_about
from accord.operations.naming import name_identities
from accord.operations.subjects import find_subject
from accord.runs.context import Context
from accord.runs.explain_one_run import Other, run_explain_reference
from accord.sync.explaining_one import ReferenceTrial

__all__ = ["ReferenceTrial", "WhyReference", "explain_reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReference:
    """Of one who refers (`name`) and one who may be referred to (`other`) what comes of it in every place.

    `other_id` is None when the other is an object that belongs to nobody, or a name that nobody has.
    """

    name: str
    identity_id: int
    other: str
    other_id: int | None
    trials: tuple[ReferenceTrial, ...]
    decisions: tuple[Decision, ...]


def explain_reference(context: Context, text: str, who: str, attribute: str | None = None) -> WhyReference:
    """Return why what one text means refers to what the other means, by an attribute or by any, and why not.

    What it costs does not grow with the number of references. Raises NotFound or UsageError when a text means nothing
    or several things; a name that nobody has may still be what a source says.
    """
    identity_id = find_subject(context, text).identity_id
    if identity_id is None:
        raise UsageError(
            f"{text!r} is an object that belongs to no identity", remedy=f"see why: accord explain {text} --why-not"
        )
    other = _other(context, who)
    trials = run_explain_reference(context, identity_id, other)
    if attribute is not None:
        known = sorted({t.attribute for t in trials})
        trials = tuple(t for t in trials if t.attribute.lower() == attribute.lower())
        if not trials:
            raise NotFound(
                f"there is no reference {attribute!r} here", remedy=f"use one of: {', '.join(known) or 'none'}"
            )
    ids = [i for i in (identity_id, other.identity_id) if i is not None]
    names = name_identities(context, context.store.metaverse.read_identities_by_id(ids).table)
    objects = context.store.metaverse.read_links_to(ids).table["object_id"].to_pylist()
    return WhyReference(
        name=names[identity_id],
        identity_id=identity_id,
        other=who if other.identity_id is None else names[other.identity_id],
        other_id=other.identity_id,
        trials=trials,
        decisions=decisions_about(context, ids, [*objects, *([] if other.object_id is None else [other.object_id])]),
    )


def _other(context: Context, who: str) -> Other:
    try:
        found = find_subject(context, who)
    except NotFound:
        return Other(name=who)
    return Other(identity_id=found.identity_id, object_id=None if found.identity_id is not None else found.object_id)
