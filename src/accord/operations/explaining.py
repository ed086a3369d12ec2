"""Why a value is what it is, for whoever asks."""

from dataclasses import dataclass, replace

from accord.model.errors import NotFound
from accord.operations.activities import activity_name
from accord.operations.decisions import Decision, decisions_about, decisions_behind
from accord.operations.naming import name_identities
from accord.operations.provenance import Run, read_runs, read_since
from accord.operations.subjects import find_subject
from accord.runs.context import Context
from accord.runs.explain_run import run_explain, run_explain_values
from accord.store.history import PastLink, Subject
from accord.sync.explaining import AccountExplanation, Contribution, Input, ValueExplanation

__all__ = [
    "AccountExplanation",
    "Contribution",
    "Explanation",
    "Input",
    "LinkedObject",
    "Run",
    "ValueExplanation",
    "WhyValues",
    "explain",
    "explain_values",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedObject:
    """An object that belongs to the identity, by which rule, how it came to, and since which run.

    `decision` is the newest of a person that says so; it may have been withdrawn since, and the link stayed.
    """

    system: str
    type: str
    name: str
    rule: str
    how: str
    since: str = ""
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one identity: its objects, why each value is what it is, what its accounts should hold.

    `runs` are those that objects, values and accounts name as the one since which they are so; `decisions` are those of
    persons about it and its objects that hold, among them what shall not belong to it.
    """

    identity_id: int
    type: str
    name: str
    objects: tuple[LinkedObject, ...]
    values: tuple[ValueExplanation, ...]
    accounts: tuple[AccountExplanation, ...]
    runs: tuple[Run, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyValues:
    """Why the values of one identity are what they are; `runs` and `decisions` as of a whole explanation."""

    values: tuple[ValueExplanation, ...]
    runs: tuple[Run, ...]
    decisions: tuple[Decision, ...]


def explain(context: Context, text: str, attribute: str | None = None) -> Explanation:
    """Return the explanation of the identity meant by the text, of one attribute of it and its accounts when named.

    With an attribute of an account, the identity's values that it is made of are explained as well. Raises NotFound
    when nothing is meant by the text, it belongs to no identity, or nothing there has the attribute.
    """
    whole = _explain(context, text)
    if attribute is None:
        return _with_runs(context, whole)
    wanted = attribute.lower()
    accounts = tuple(a for a in whole.accounts if a.attribute.lower() == wanted)
    needed = {i.name for a in accounts for i in a.inputs}
    values = tuple(v for v in whole.values if v.attribute.lower() == wanted or v.attribute in needed)
    if not values and not accounts:
        known = sorted({v.attribute for v in whole.values} | {a.attribute for a in whole.accounts})
        raise NotFound(f"there is no attribute {attribute!r} here", remedy=f"use one of: {', '.join(known)}")
    return _with_runs(context, replace(whole, values=values, accounts=accounts))


def explain_values(context: Context, identity_id: int) -> WhyValues:
    """Return why the values of an identity are what they are; accounts left out, which takes half the time."""
    links = _links_of(context, identity_id)
    found = _since(context, identity_id, run_explain_values(context, identity_id))
    runs = read_runs(context, {v.since for v in found})
    return WhyValues(values=found, runs=runs, decisions=decisions_about(context, [identity_id], list(links)))


def _explain(context: Context, text: str) -> Explanation:
    identity_id = find_subject(context, text).identity_id
    if identity_id is None:
        raise NotFound(
            f"{text!r} is an object that belongs to no identity",
            remedy=f"see what is known of it: accord show {text}; and whether the last synchronisation had errors",
        )
    found = run_explain(context, identity_id)
    identities = context.store.metaverse.read_identities_by_id([identity_id]).table
    links = _links_of(context, identity_id)
    behind = decisions_behind(context, dict.fromkeys(links, identity_id))
    held = {i: read_since(context, Subject.OBJECT, i) for i in sorted({a.object_id for a in found.accounts})}
    return Explanation(
        identity_id=identity_id,
        type=found.identity_type,
        name=name_identities(context, identities)[identity_id],
        objects=tuple(
            LinkedObject(
                system=system, type=object_type, name=name, rule=rule, how=how,
                since=activity_name(links[i].since) if i in links else "", decision=behind.get(i),
            )
            for i, system, object_type, name, rule, how in found.objects
        ),
        values=_since(context, identity_id, found.values),
        accounts=tuple(
            replace(a, since=held[a.object_id].get(a.attribute, held[a.object_id].get("", "")) if a.held else "")
            for a in found.accounts
        ),
        decisions=decisions_about(context, [identity_id], list(links)),
    )  # fmt: skip


def _links_of(context: Context, identity_id: int) -> dict[int, PastLink]:
    return {link.object_id: link for link in context.store.history.links_ever(identity_id) if link.until is None}


def _since(context: Context, identity_id: int, values: tuple[ValueExplanation, ...]) -> tuple[ValueExplanation, ...]:
    """Tell since which run each value is what it is."""
    since = read_since(context, Subject.IDENTITY, identity_id)
    return tuple(replace(v, since=since.get(v.attribute, since.get("", ""))) for v in values)


def _with_runs(context: Context, explanation: Explanation) -> Explanation:
    """Tell what the runs were that the explanation names."""
    named = {o.since for o in explanation.objects} | {v.since for v in explanation.values}
    return replace(explanation, runs=read_runs(context, named | {a.since for a in explanation.accounts}))
