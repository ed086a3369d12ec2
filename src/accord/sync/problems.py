"""Records what could not be decided: every problem names its object, its rule and, if there is one, the attribute."""

from collections.abc import Mapping

import pyarrow as pa

from accord.engine.expressions import first_errors
from accord.engine.frames import literal
from accord.sync.workspace import Workspace

_MAX_MESSAGES = 20

MESSAGES = {
    "SCOPE_FAILED": "the scope could not be evaluated, so the object stays as it was",
    "FLOW_FAILED": "the expression could not be evaluated, so the attribute keeps its last good value",
    "JOIN_FAILED": "a join key could not be evaluated, so the object was neither joined nor projected",
    "JOIN_AMBIGUOUS": "several identities match, so none was joined",
    "JOIN_TOO_MANY": "too many candidates to compare; the keys of the join rule must pick fewer",
    "JOIN_TAKEN": "the identity that matches already has an object of this system",
    "JOIN_CONTESTED": "several objects match one identity, so none was joined",
    "DECISION_GONE": "a person joined the object to an identity that is not there",
    "DECISION_WITHOUT_RULE": "a person joined the object to an identity with which no rule connects it",
    "DECISION_TAKEN": "a person joined the object to an identity that has another object of this system",
    "NAME_MISSING": "the name of the new object came out empty",
    "NAME_TAKEN": "another object of the system already has this name",
    "NAME_CONTESTED": "several new objects would get this name",
    "NAME_FAILED": "the name of the object could not be computed",
    "UNIQUE_FAILED": "no base for the unique value could be computed",
    "REFERENCE_UNRESOLVED": "nothing is known under this reference",
}

_CORRECT_FLOW = "correct the values it is computed from, or let the expression take them as they are"
_ONE_EACH = "correct the values in the source, add a key to the join, or join by hand: accord join"

REMEDIES = {
    "SCOPE_FAILED": _CORRECT_FLOW,
    "FLOW_FAILED": _CORRECT_FLOW,
    "JOIN_FAILED": _CORRECT_FLOW,
    "JOIN_AMBIGUOUS": _ONE_EACH,
    "JOIN_TOO_MANY": "add a key to the join rule that fewer share",
    "JOIN_TAKEN": _ONE_EACH,
    "JOIN_CONTESTED": _ONE_EACH,
    "DECISION_GONE": "withdraw the decision: accord decisions",
    "DECISION_WITHOUT_RULE": "add a rule for this object type and identity type, or withdraw it: accord decisions",
    "DECISION_TAKEN": "split the other object first (accord split), or withdraw the decision: accord decisions",
    "NAME_MISSING": "fill the values it is made of in the source, or give the expression something to fall back on",
    "NAME_TAKEN": "let the object that has the name join (accord join), rename it, or make the name of a unique value",
    "NAME_CONTESTED": "make the name of a unique value",
    "NAME_FAILED": _CORRECT_FLOW,
    "UNIQUE_FAILED": "fill the values it is made of in the source, or give the expression something to fall back on",
    "REFERENCE_UNRESOLVED": "import the system that holds what is referred to, or correct the reference in the source",
}
"""What to do about each."""


def record(workspace: Workspace, code: str, query: str, *, rule: str, attribute: str | None = None) -> int:
    """Record a problem for each row of `query` (object_id, identity_id, evidence); return how many there were.

    `evidence` (text or null) is appended to the code's message.
    """
    wanted = literal(attribute) if attribute is not None else "null"
    ((recorded,),) = workspace.engine.rows(
        f"insert into problem select o.system, o.type, q.object_id, q.identity_id, coalesce(o.dn, o.anchor), "
        f"{literal(rule)}, {wanted}, {literal(code)}, "
        f"{literal(MESSAGES[code])} || coalesce(': ' || q.evidence, '') "
        f"from ({query}) q left join object o on o.id = q.object_id"
    )
    return int(recorded)


def learn_messages(workspace: Workspace, relation: str, expressions: Mapping[str, str]) -> None:
    """Make message(key, name, text): what the engine says of the first rows (`_id`) that each expression fails for.

    `relation` is not quoted. Only the first rows are looked at again, one by one; the rest keep the general message.
    """
    failures = first_errors(workspace.engine, relation, "_id", expressions, _MAX_MESSAGES)
    workspace.engine.run("create or replace temp table message(key bigint, name varchar, text varchar)")
    if failures:
        columns = {
            "key": pa.array([f.key for f in failures], pa.int64()),
            "name": [f.name for f in failures],
            "text": [f.message for f in failures],
        }
        workspace.engine.load("message", pa.table(columns))
