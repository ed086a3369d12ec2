"""Since which run each value is what it is, by the timeline of its identity or object."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow.compute as pc

from accord.operations.activities import activity_name
from accord.operations.values import Attribute, changes_between
from accord.runs.context import Context
from accord.store.history import Change, Subject

WhetherBefore = Callable[[int], bool]
"""The question whether an activity had ended by a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that values name as the one since which they are what they are."""

    activity: str
    kind: str
    at: str
    actor: str


def read_since(
    context: Context, kind: Subject, subject: int, is_before: WhetherBefore = lambda _: True
) -> Mapping[str, str]:
    """Return by attribute since which run it is what it is, or was at a time; dn among them."""
    return since_of(context.store.history.timeline(kind, subject), kind, is_before)


def read_runs_since(context: Context, identity_id: int) -> Mapping[str, Run]:
    """Return by attribute of an identity the run since which it is what it is; "" for what came with the identity."""
    since = read_since(context, Subject.IDENTITY, identity_id)
    runs = {run.activity: run for run in read_runs(context, set(since.values()))}
    return {attribute: runs[name] for attribute, name in since.items()}


def since_of(timeline: Iterable[Change], kind: Subject, is_before: WhetherBefore) -> Mapping[str, str]:
    """Return by attribute the last of the changes, in order, that changed it and of which the question holds."""
    found: dict[str, str] = {}
    for change in timeline:
        if change.kind == "link" or not is_before(change.activity):
            continue
        name = activity_name(change.activity)
        if change.attribute is not None:
            found[change.attribute] = name
        elif change.kind == kind:
            found |= dict.fromkeys((c.name for c in changes_between(change.before, change.after)), name)
            if change.before_dn != change.after_dn:
                found["dn"] = name
            if change.operation == "add":
                found[""] = name
    return found


def told_since(attributes: Iterable[Attribute], since: Mapping[str, str]) -> tuple[Attribute, ...]:
    """Return attributes with the run since which each is what it is: what nothing changed came with its object."""
    return tuple(replace(a, since=since.get(a.name, since.get("", ""))) for a in attributes)


def told_by(context: Context, attributes: Iterable[Attribute], origin: int | None) -> tuple[Attribute, ...]:
    """Return attributes with the rule that gave each, by a pattern of provenance; None: nobody knows."""
    rules = rules_of(context, origin)
    return tuple(replace(a, rule=rules.get(a.name, "")) for a in attributes)


def read_runs(context: Context, names: Iterable[str]) -> tuple[Run, ...]:
    """Return the runs of some names, each once, oldest first."""
    numbers = sorted({int(name.removeprefix("A")) for name in names if name})
    found = [context.store.activities.read(n) for n in numbers]
    return tuple(
        Run(activity=activity_name(a.id), kind=a.kind, at=a.ended_at or a.started_at, actor=a.actor) for a in found
    )


def rules_of(context: Context, origin: int | None) -> Mapping[str, str]:
    """Return which rule gave each attribute, by the number of a pattern of provenance; none where nobody knows."""
    table = context.store.metaverse.read_origins().table
    found = [] if origin is None else table.filter(pc.equal(table["id"], origin))["doc"].to_pylist()
    return json.loads(found[0]) if found else {}
