"""Of whom a rule says something else only because time has passed: what it gives then and now, compared.

Any expression may ask the time. Those that do are evaluated at both times over every object or identity they are
about, as these are stored; a failure at one time only is a difference too. Who changed besides is known anyhow.
"""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa

from accord.engine.expressions import Expression, attempt
from accord.engine.frames import quote
from accord.engine.functions import set_time
from accord.model.frames import Identities, StagedObjects
from accord.sync.compiling import CompiledFlow, CompiledKey, CompiledRules
from accord.sync.workspace import Workspace, object_relation, staged_relation


def object_types_in_time(rules: CompiledRules) -> tuple[tuple[str, str], ...]:
    """Return (system, object type) of everything about whose objects a rule asks the time."""
    return tuple(t for t in rules.object_types() if _of_objects(rules, *t))


def identity_types_in_time(rules: CompiledRules) -> tuple[str, ...]:
    """Return the identity types about whose identities a rule asks the time."""
    return tuple(t for t in rules.types if _of_identities(rules, t))


def find_passed_objects(
    workspace: Workspace, system: str, object_type: str, objects: StagedObjects, now: datetime
) -> set[int]:
    """Return the ids of those objects of a type of which a rule says another thing now than at the workspace's time."""
    workspace.add_objects(objects)
    found = _differing(
        workspace, object_relation(system, object_type), _of_objects(workspace.rules, system, object_type), now
    )
    workspace.engine.run(f"delete from {staged_relation(system, object_type)}")
    workspace.engine.run("delete from object")
    return found


def find_passed_identities(workspace: Workspace, identity_type: str, identities: Identities, now: datetime) -> set[int]:
    """Return the ids of those identities of a type of which a rule says another thing now than at its time."""
    workspace.add_identities(identities)
    known = quote(f"known:{identity_type}")
    found = _differing(workspace, known, _of_identities(workspace.rules, identity_type), now)
    workspace.engine.run(f"delete from {quote(f'documents:{identity_type}')}")
    workspace.engine.run("delete from stored_identity")
    return found


def _differing(workspace: Workspace, relation: str, expressions: Iterable[str], now: datetime) -> set[int]:
    engine = workspace.engine
    columns = ", ".join(f"{attempt(sql)} as e{i}" for i, sql in enumerate(expressions))
    engine.run(f"create or replace temp table told_then as select _id, {columns} from {relation}")
    set_time(engine, now)
    engine.run(f"create or replace temp table told_now as select _id, {columns} from {relation}")
    set_time(engine, workspace.now)
    found: pa.Table = engine.frame("select _id from (from told_then except from told_now) order by _id")
    return set(found["_id"].to_pylist())


def _of_objects(rules: CompiledRules, system: str, object_type: str) -> list[str]:
    """Return SQL of what rules ask of such an object and of the time."""
    inbound = [i for i in rules.inbound if (i.rule.system, i.rule.object_type) == (system, object_type)]
    outbound = [o for o in rules.outbound if (o.rule.system, o.rule.object_type) == (system, object_type)]
    joins = [j for i in inbound for j in i.joins] + [j for o in outbound for j in o.joins]
    asked = [i.scope for i in inbound if i.scope is not None]
    keys = [k for j in joins for k in (*j.keys, *j.comparisons)]
    flows = [f for i in inbound for f in i.flows]
    return _in_time(asked) + _in_time(keys) + _in_time(flows)


def _of_identities(rules: CompiledRules, identity_type: str) -> list[str]:
    """Return SQL of what rules ask of such an identity and of the time."""
    outbound = [o for o in rules.outbound if o.rule.identity_type == identity_type]
    own = rules.types[identity_type]
    asked = [e for o in outbound for e in (o.scope, o.dn, o.anchor)]
    asked += [own.unless, *(u.base for u in own.uniques)]
    asked += [d.scope for t in rules.types.values() for d in t.derived if d.derived.type == identity_type]
    flows = [f for o in outbound for f in (*o.flows, *o.disable)]
    return _in_time(asked) + _in_time(flows)


def _in_time(asked: Iterable[Expression | CompiledFlow | CompiledKey | None]) -> list[str]:
    return [a.sql for a in asked if a is not None and a.is_time_dependent]
