"""What the product remembers, in the words of scenarios: identities by their names, accounts by their anchors."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from accord.store.activities import ActivityState
from accord.store.store import Store
from accord.testing.scenario_given import name_attribute, type_names
from accord.testing.scenario_tables import SEVERAL
from accord.testing.scenario_world import Row, ScenarioWorld

NOTHING = "none"
"""How no value is written beside an arrow."""
_FINE = {"done", "confirmed", ""}


def identity_rows(world: ScenarioWorld, identity_type: str) -> list[Row]:
    """Return the identities of a type: values, references by name, `waiting` since, and `ATTRIBUTE from` its rule."""
    store = world.context.store
    names = _identity_names(world, store)
    origins = {row["id"]: json.loads(row["doc"]) for row in store.metaverse.read_origins().table.to_pylist()}
    edges: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for edge in store.metaverse.read_identity_edges().table.to_pylist():
        edges[edge["src"]][edge["attr"]].append(names[edge["dst"]])
    rows = []
    for row in store.metaverse.read_identities(identity_type).table.to_pylist():
        values = {name: text_of(value) for name, value in json.loads(row["doc"]).items()}
        references = {name: text_of(sorted(found)) for name, found in edges[row["id"]].items()}
        rules = {f"{name} from": rule for name, rule in origins.get(row["origin"], {}).items()}
        rows.append({**values, **references, **rules, "waiting": "yes" if row["gone_since"] else None})
    return rows


def link_rows(world: ScenarioWorld) -> list[Row]:
    """Return which object belongs to which identity, by which rule, and how."""
    store = world.context.store
    names, objects = _identity_names(world, store), _objects(world)
    return [
        {
            "system": objects[link["object_id"]]["system"],
            "object": objects[link["object_id"]]["anchor"],
            "identity": names[link["identity_id"]],
            "rule": link["rule"],
            "how": link["how"].split()[0],
        }
        for link in store.metaverse.read_links().table.to_pylist()
    ]


def review_rows(world: ScenarioWorld) -> list[Row]:
    """Return which object may belong to which identity, by which rule, and how alike they are."""
    store = world.context.store
    names, objects = _identity_names(world, store), _objects(world)
    return [
        {
            "object": objects[row["object_id"]]["anchor"],
            "identity": names[row["identity_id"]],
            "rule": row["rule"],
            "score": f"{row['score']:.3f}",
        }
        for row in store.decisions.read_reviews().table.to_pylist()
    ]


def pending_changes(world: ScenarioWorld) -> dict[str, dict[str, str]]:
    """Return what waits: `OPERATION SYSTEM OBJECT`, with the state unless pending -> attribute -> what changes."""
    store = world.context.store
    objects = _objects(world)
    edges: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for edge in store.pending.read_pending_edges().table.to_pylist():
        meant = objects.get(edge["dst_object"]) or {}
        other = edge["dst_text"] or meant.get("anchor") or meant.get("dn") or "?"
        edges[edge["object_id"]][edge["attr"]].append(f"{'+' if edge['change'] == 'add' else '-'}{other}")
    found = {}
    for row in store.pending.read_pending().table.to_pylist():
        state = "" if row["state"] == "pending" else f" {row['state']}"
        called = objects[row["object_id"]]
        name = f"{row['operation']} {row['system']} {called['anchor'] or called['dn']}{state}"
        references = {attribute: " ".join(sorted(texts)) for attribute, texts in edges[row["object_id"]].items()}
        found[name] = {**_changes(row), **references}
    return found


def error_rows(world: ScenarioWorld) -> list[Row]:
    """Return the problems of the last run: code, object (or the identity's name), attribute, operation."""
    result = world.last.result
    if result is None:
        return []
    store = world.context.store
    names = _identity_names(world, store)
    items = store.activities.items(result.activity.id).table.to_pylist()
    return [
        {
            "code": item["code"],
            "object": item["anchor"] or names.get(item["identity_id"]) or item["at"],
            "attribute": item["attribute"],
            "operation": item["operation"],
            "message": item["message"],
        }
        for item in items
        if item["outcome"] not in _FINE
    ]


def counts_of(world: ScenarioWorld) -> dict[str, int]:
    """Return the last run's counts as `AREA OPERATION`, of all object types and systems together."""
    counts: dict[str, int] = defaultdict(int)
    for count in world.last.result.counts if world.last.result else ():
        counts[f"{count.area} {count.operation}"] += count.count
    return {name: count for name, count in counts.items() if count}


def state_of(world: ScenarioWorld) -> str:
    """Return how the last run ended."""
    result = world.last.result
    return str((result.activity.state if result else ActivityState.FAILED).value)


def text_of(value: Any) -> str:
    """Return a value as a cell shows it."""
    if value is None:
        return NOTHING
    if isinstance(value, list):
        return SEVERAL.join(str(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _changes(row: Mapping[str, Any]) -> dict[str, str]:
    if row["new_dn"] is not None:
        return {"dn": f"{row['dn']} -> {row['new_dn']}", **_changes({**row, "new_dn": None})}
    before, after = ({} if row[n] is None else json.loads(row[n]) for n in ("before", "after"))
    if row["before"] is None:
        return {name: text_of(value) for name, value in after.items()}
    return {n: f"{text_of(before.get(n))} -> {text_of(after.get(n))}" for n in sorted(before.keys() | after.keys())}


def _identity_names(world: ScenarioWorld, store: Store) -> dict[int, str]:
    attributes = {name: name_attribute(name, world.given) for name in type_names(world.given)}
    rows = store.metaverse.read_identities().table.to_pylist()
    return {r["id"]: text_of(json.loads(r["doc"]).get(attributes.get(r["type"], ""))) for r in rows}


def _objects(world: ScenarioWorld) -> dict[int, dict[str, Any]]:
    context = world.context
    tables = [context.store.connector_space.read_objects(system).table for system in context.rules.systems]
    return {row["id"]: row for table in tables for row in table.to_pylist()}
