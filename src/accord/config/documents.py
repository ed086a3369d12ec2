"""Writes what is declared as plain documents, the same that the files hold; defaults are left out.

Dump, diff and digest all stand on these, so that they agree on what there is to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from accord.config.conditions import scope_document
from accord.config.places import FileKind
from accord.config.rules import Rule, every_rule
from accord.model.joins import JoinRule, Likeness
from accord.model.rules import (
    ConnectedSystem,
    DeletionRule,
    Flow,
    Guard,
    IdentityAttribute,
    IdentityType,
    InboundRule,
    Limit,
    OnLeave,
    PasswordPolicy,
    RuleSet,
    UniqueValue,
)
from accord.model.schema import AttributeSchema, ObjectTypeSchema, Writability

Document = dict[str, object]


def documents_of(rules: RuleSet) -> dict[tuple[FileKind, str], Document]:
    """Return one document per file, in the order: systems, types, rules, lookups, each by name."""
    by_name = {rule.name: rule for rule in every_rule(rules)}
    return {
        **{(FileKind.SYSTEM, n): system_document(s) for n, s in sorted(rules.systems.items())},
        **{(FileKind.TYPE, n): identity_type_document(t) for n, t in sorted(rules.identity_types.items())},
        **{(FileKind.RULE, n): rule_document(r) for n, r in sorted(by_name.items())},
        **{
            (FileKind.LOOKUP, n): {"lookup": n, "values": dict(sorted(values.items()))}
            for n, values in sorted(rules.lookups.items())
        },
    }


def system_document(system: ConnectedSystem) -> Document:
    """Return the document of `systems/NAME.yaml`."""
    return _without_defaults(
        {
            "system": system.name,
            "connector": system.connector,
            "settings": dict(system.settings),
            "objects": {name: _object_type(o) for name, o in system.object_types.items()},
            "guard": guard_document(system.guard),
        },
        {"settings": {}, "guard": {}},
    )


def guard_document(guard: Guard) -> Document:
    """Return the limits that differ from the built-in ones, each with the keys that differ."""
    document: Document = {}
    for limit in fields(Guard):
        mine: Limit = getattr(guard, limit.name)
        default: Limit = limit.default  # type: ignore[assignment]  # every limit of a guard has a default
        changed = {f.name: getattr(mine, f.name) for f in fields(Limit)}
        changed = {name: value for name, value in changed.items() if value != getattr(default, name)}
        if changed:
            document[limit.name] = changed
    return document


def identity_type_document(identity_type: IdentityType) -> Document:
    """Return the document of `types/NAME.yaml`."""
    return _without_defaults(
        {
            "type": identity_type.name,
            "attributes": {name: _identity_attribute(a) for name, a in identity_type.attributes.items()},
            "deletion": _deletion(identity_type.deletion),
            "display": identity_type.display,
        },
        {"deletion": {}, "display": None},
    )


def rule_document(rule: Rule) -> Document:
    """Return the document of `rules/NAME.yaml`."""
    head: Document = {
        "rule": rule.name,
        "direction": "inbound" if isinstance(rule, InboundRule) else "outbound",
        "system": rule.system,
        "object": rule.object_type,
        "identity": rule.identity_type,
        "order": rule.order,
        "scope": scope_document(rule.scope),
        "join": [_join(join) for join in rule.joins],
    }
    if isinstance(rule, InboundRule):
        body: Document = {"project": rule.projects, "flows": _flows(rule.flows), "many": rule.joins_many}
    else:
        body = {
            "provision": rule.provisions,
            "dn": rule.dn,
            "anchor": rule.anchor,
            "rename": rule.renames,
            "slot": rule.slot or None,
            "enforce": rule.is_enforced,
            "password": _password(rule.password) if rule.password else None,
            "flows": _flows(rule.flows),
            "delete_unclaimed": rule.deletes_unclaimed,
            "disable": {flow.target: flow.expression for flow in rule.disable},
            "disable_container": rule.disable_container,
        }
    return _without_defaults(head | body | {"on_leave": str(rule.on_leave)}, _RULE_DEFAULTS)


_RULE_DEFAULTS: Document = {
    "order": 100,
    "scope": None,
    "join": [],
    "project": False,
    "provision": False,
    "dn": None,
    "anchor": None,
    "rename": True,
    "many": False,
    "slot": None,
    "enforce": True,
    "password": None,
    "flows": {},
    "delete_unclaimed": False,
    "disable": {},
    "disable_container": None,
    "on_leave": str(OnLeave.DISCONNECT),
}


def _object_type(object_type: ObjectTypeSchema) -> Document:
    anchor = object_type.anchor
    return {
        "anchor": anchor[0] if len(anchor) == 1 else list(anchor),
        "attributes": {name: _short("type", _attribute(a)) for name, a in object_type.attributes.items()},
    }


def _attribute(attribute: AttributeSchema) -> Document:
    return _without_defaults(
        {
            "type": str(attribute.type),
            "multivalued": attribute.is_multivalued,
            "case_sensitive": attribute.is_case_sensitive,
            "writability": str(attribute.writability),
            "required": attribute.is_required,
            "format": attribute.format,
            "description": attribute.description,
        },
        {
            "multivalued": False,
            "case_sensitive": True,
            "writability": str(Writability.READ_WRITE),
            "required": False,
            "format": None,
            "description": "",
        },
    )


def _identity_attribute(attribute: IdentityAttribute) -> object:
    derived = attribute.derived
    more: Document = {
        "precedence": list(attribute.precedence),
        "unique": _unique(attribute.unique) if attribute.unique else None,
        "derived": _without_defaults(
            {
                "type": derived.type,
                "theirs": derived.theirs,
                "ours": derived.ours,
                "scope": scope_document(derived.scope),
            },
            {"scope": None},
        )
        if derived
        else None,
    }
    kept = _without_defaults(more, {"precedence": [], "unique": None, "derived": None})
    return _short("type", _attribute(attribute.schema) | kept)


def _unique(unique: UniqueValue) -> Document:
    return _without_defaults(
        {
            "base": unique.base,
            "suffix": unique.suffix,
            "max_length": unique.max_length,
            "taken_in": [".".join(names) for names in unique.taken_in],
        },
        {"suffix": "{base}{n}", "max_length": 64, "taken_in": []},
    )


def _password(password: PasswordPolicy) -> Document:
    default = PasswordPolicy(attribute="")
    return _without_defaults(_password_keys(password), {**_password_keys(default), "attribute": None})


def _password_keys(password: PasswordPolicy) -> Document:
    return {
        "attribute": password.attribute,
        "secret": password.secret,
        "length": password.length,
        "uppercase": password.has_uppercase,
        "lowercase": password.has_lowercase,
        "digits": password.has_digits,
        "symbols": password.symbols,
        "avoid_similar": password.avoids_similar,
    }


def _deletion(deletion: DeletionRule) -> Document:
    default = DeletionRule()
    return _without_defaults(
        {
            "trigger": str(deletion.trigger),
            "grace_days": deletion.grace_days,
            "sources": list(deletion.sources),
            "match": str(deletion.match),
            "unless": scope_document(deletion.unless),
        },
        {
            "trigger": str(default.trigger),
            "grace_days": default.grace_days,
            "sources": [],
            "match": str(default.match),
            "unless": None,
        },
    )


def _join(join: JoinRule) -> Document:
    keys: Document = {key.expression: key.attribute for key in join.keys}
    fuzzy = _likeness(join.fuzzy) if join.fuzzy is not None else None
    # The short form would take an expression called `keys`, `case_sensitive` or `fuzzy` for the long one.
    if not join.is_case_sensitive and fuzzy is None and not keys.keys() & {"keys", "case_sensitive", "fuzzy"}:
        return keys
    return _without_defaults(
        {"keys": keys, "case_sensitive": join.is_case_sensitive, "fuzzy": fuzzy},
        {"case_sensitive": False, "fuzzy": None},
    )


def _likeness(fuzzy: Likeness) -> Document:
    compare = {
        c.expression: _short(
            "attribute", _without_defaults({"attribute": c.attribute, "weight": c.weight}, {"weight": 1})
        )
        for c in fuzzy.comparisons
    }
    return _without_defaults({"compare": compare, "review": fuzzy.review, "join": fuzzy.join}, {"join": None})


def _flows(flows: Iterable[Flow]) -> Document:
    return {
        flow.target: _short(
            "expression",
            _without_defaults(
                {
                    "expression": flow.expression,
                    "null_is_value": flow.null_is_value,
                    "initial_only": flow.initial_only,
                    "enforce": flow.is_enforced,
                },
                {"null_is_value": False, "initial_only": False, "enforce": None},
            ),
        )
        for flow in flows
    }


def _short(key: str, document: Document) -> object:
    return document[key] if document.keys() == {key} else document


def _without_defaults(document: Document, defaults: Mapping[str, object]) -> Document:
    return {key: value for key, value in document.items() if key not in defaults or value != defaults[key]}
