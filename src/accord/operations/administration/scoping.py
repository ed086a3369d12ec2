"""Who is in scope of a rule: groups of criteria.

A group that has no criteria yet says nothing, so it is no part of the rule: it waits beside it, in the sketch.
"""

import json
from collections.abc import Callable
from typing import cast

from accord.config.files import InboundRuleFile
from accord.config.places import FileKind
from accord.model.errors import Conflict, Invalid, NotFound
from accord.model.schema import ValueType
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.naming import (
    SEPARATOR,
    Tree,
    members_of,
    path,
    scope_tree,
    sketch_key,
    without_empty,
)
from accord.operations.administration.rules import rule_named
from accord.operations.administration.scoping_views import (
    Comparison,
    CriteriaGroupView,
    CriterionView,
    GroupType,
    NewCriterion,
    NewGroup,
)
from accord.operations.administration.scoping_words import comparison_of, condition_of, values_of
from accord.operations.administration.words import data_type

_SEVERAL = "several"
"""Marks, beside the rule, an `any` that only holds together the groups that stand at the top."""


def list_groups(desk: Desk, rule_number: int) -> list[CriteriaGroupView]:
    """Return the groups at the top of a rule's scope; none where everything is in scope, or an expression says who.

    Who is in one of several is in scope.
    """
    name = rule_named(desk, rule_number)
    tree = scope_tree(desk.context, name, desk.read.rules[name])
    if tree is None:
        return []
    if _SEVERAL in tree:
        return [_group_view(desk, name, group, (n,)) for n, group in enumerate(_members(tree))]
    return [_group_view(desk, name, tree, ())]


def read_group(desk: Desk, rule_number: int, number: int) -> CriteriaGroupView:
    """Return one group; raise NotFound when it is none of this rule."""
    name, at = _named(desk, rule_number, "group", number)
    return _group_view(desk, name, _at(_tree(desk, name), at), at)


def add_group(desk: Desk, rule_number: int, new: NewGroup, parent: int | None = None) -> CriteriaGroupView:
    """Add a group at the top, or within another; raise Conflict where an expression says who is in scope."""
    name = rule_named(desk, rule_number)
    key = new.type.lower()
    at: tuple[int, ...] = ()

    def edit(tree: Tree | None) -> Tree:
        nonlocal at
        if parent is None:
            if tree is None:
                return {key: []}
            whole = tree if _SEVERAL in tree else {"any": [tree], _SEVERAL: True}
            _members(whole).append({key: []})
            at = (len(_members(whole)) - 1,)
            return whole
        _, within = _named(desk, rule_number, "group", parent)
        members = _members(_at(tree or {}, within))
        members.append({key: []})
        at = (*within, len(members) - 1)
        return tree or {}

    if parent is None and desk.read.rules[name].scope is not None and not list_groups(desk, rule_number):
        raise Conflict("the scope of this rule is an expression", remedy="take it out of the rule first")
    after = _change(desk, name, "add_scoping_group", new.change_reason, edit)
    return read_group(after, rule_number, after.ids.of("group", name, *at))


def change_group(desk: Desk, rule_number: int, number: int, new: NewGroup) -> CriteriaGroupView:
    """Let a group want all, any or none of its members."""
    name, at = _named(desk, rule_number, "group", number)

    def edit(tree: Tree | None) -> Tree:
        group = _at(tree or {}, at)
        members = _members(group)
        group.clear()
        group[new.type.lower()] = members
        return tree or {}

    return read_group(_change(desk, name, "change_scoping_group", new.change_reason, edit), rule_number, number)


def remove_member(desk: Desk, rule_number: int, kind: str, number: int, reason: str | None) -> None:
    """Remove a group or a criterion; what stands behind it keeps its number."""
    name, at = _named(desk, rule_number, kind, number)

    def edit(tree: Tree | None) -> Tree | None:
        if not at:
            return None
        del _members(_at(tree or {}, at[:-1]))[at[-1]]
        return tree

    _change(desk, name, f"remove_scoping_{kind}", reason, edit, removed=at)


def add_criterion(desk: Desk, rule_number: int, group: int, new: NewCriterion) -> CriterionView:
    """Add a criterion to a group."""
    name, at = _named(desk, rule_number, "group", group)
    condition = condition_tree(desk, name, new)
    position = 0

    def edit(tree: Tree | None) -> Tree:
        nonlocal position
        members = _members(_at(tree or {}, at))
        members.append(condition)
        position = len(members) - 1
        return tree or {}

    after = _change(desk, name, "add_scoping_criterion", new.change_reason, edit)
    return _criterion_view(after, name, condition, (*at, position))


def change_criterion(desk: Desk, rule_number: int, number: int, new: NewCriterion) -> CriterionView:
    """Put another comparison in the place of one."""
    name, at = _named(desk, rule_number, "criterion", number)
    condition = condition_tree(desk, name, new)

    def edit(tree: Tree | None) -> Tree:
        _members(_at(tree or {}, at[:-1]))[at[-1]] = condition
        return tree or {}

    after = _change(desk, name, "change_scoping_criterion", new.change_reason, edit)
    return _criterion_view(after, name, condition, at)


def _change(  # noqa: PLR0913 - one change of one scope, and why
    desk: Desk,
    name: str,
    action: str,
    reason: str | None,
    edit: Callable[[Tree | None], Tree | None],
    *,
    removed: tuple[int, ...] | None = None,
) -> Desk:
    before = scope_tree(desk.context, name, desk.read.rules[name])
    after = edit(json.loads(json.dumps(before)) if before is not None else None)

    def put(draft: Draft) -> None:
        document = draft.document(FileKind.RULE, name)
        kept = None if after is None else without_empty(after)
        if kept is None:
            document.pop("scope", None)
        else:
            document["scope"] = kept
        if removed:
            _renumber(draft, name, before, removed)
        if after is not None and before is not None and _SEVERAL in after and _SEVERAL not in before:
            _move_below(draft, name, before)
        sketch = json.dumps(after)
        desk.context.store.configurations.keep_discovery(*sketch_key(name), sketch, at=desk.context.clock())

    return desk.change(action, name, reason, put)


def _renumber(draft: Draft, name: str, before: Tree | None, removed: tuple[int, ...]) -> None:
    """Let what stands behind the removed member keep its number at its new place."""
    parent = removed[:-1]
    gone = path(name, *removed)
    draft.dropped |= {(kind, at) for kind in ("group", "criterion") for at in _within(before, name, removed)}
    draft.dropped |= {("group", gone), ("criterion", gone)}
    for position in range(removed[-1] + 1, len(_members(_at(before or {}, parent)))):
        for at in (path(name, *parent, position), *_within(before, name, (*parent, position))):
            moved = at.split(SEPARATOR)
            moved[1 + len(parent)] = str(position - 1)
            for kind in ("group", "criterion"):
                draft.renamed[kind, at] = (kind, SEPARATOR.join(moved))


def _move_below(draft: Draft, name: str, before: Tree) -> None:
    """Let everything keep its number when its group becomes the first of several."""
    for at in (name, *_within(before, name, ())):
        moved = path(name, 0, *at.split(SEPARATOR)[1:])
        for kind in ("group", "criterion"):
            draft.renamed[kind, at] = (kind, moved)


def _within(tree: Tree | None, name: str, at: tuple[int, ...]) -> list[str]:
    member = _at_any(tree or {}, at)
    return [
        found
        for position in range(len(members_of(member) or ()))
        for found in (path(name, *at, position), *_within(tree, name, (*at, position)))
    ]


def _named(desk: Desk, rule_number: int, kind: str, number: int) -> tuple[str, tuple[int, ...]]:
    name = rule_named(desk, rule_number)
    rule, *at = desk.ids.steps(kind, number, what=f"scoping {kind}")
    if rule != name:
        raise NotFound(f"there is no scoping {kind} {number} in this rule", remedy="list the scoping criteria")
    return name, tuple(int(step) for step in at)


def _tree(desk: Desk, name: str) -> Tree:
    return scope_tree(desk.context, name, desk.read.rules[name]) or {}


def _at_any(tree: Tree, at: tuple[int, ...]) -> Tree:
    for step in at:
        tree = _members(tree)[step]
    return tree


def _at(tree: Tree, at: tuple[int, ...]) -> Tree:
    found = _at_any(tree, at)
    if members_of(found) is None:
        raise NotFound("there is no such group", remedy="list the scoping criteria of the rule")
    return found


def _members(group: Tree) -> list[Tree]:
    found = members_of(group)
    return [] if found is None else found


def condition_tree(desk: Desk, name: str, new: NewCriterion) -> Tree:
    """Return a criterion as it is written in the scope of a rule; raise Invalid when it compares nothing."""
    if new.comparison_type is Comparison.NOT_SET:
        raise Invalid("the criterion compares nothing", {"comparisonType": ["choose one"]})
    attribute, type_, is_case_sensitive = _attribute(desk, name, new)
    return cast("Tree", condition_of(new, attribute, type_, is_case_sensitive=is_case_sensitive))


def _attribute(desk: Desk, name: str, new: NewCriterion) -> tuple[str, ValueType, bool]:
    rule = desk.read.rules[name]
    if isinstance(rule, InboundRuleFile):
        if new.connected_system_attribute_id is None:
            raise Invalid("the criterion has no attribute", {"connectedSystemAttributeId": ["is missing"]})
        system, object_type, attribute = desk.ids.steps("attribute", new.connected_system_attribute_id)
        part = desk.read.systems[system].objects.get(object_type)
        declared = part.attributes.get(attribute) if part and system == rule.system else None
    else:
        if new.metaverse_attribute_id is None:
            raise Invalid("the criterion has no attribute", {"metaverseAttributeId": ["is missing"]})
        attribute = desk.ids.steps("type_attribute", new.metaverse_attribute_id)[0]
        identity_type = desk.read.types.get(rule.identity)
        assigned = identity_type.attributes.get(attribute) if identity_type else None
        if assigned is not None:
            return attribute, assigned.type, assigned.case_sensitive
        declared = None
    if declared is None:
        raise Invalid("the attribute is not selected", {"attribute": [f"{attribute} must be selected, or assigned"]})
    return attribute, declared.type, declared.case_sensitive


def _type_of(desk: Desk, name: str, attribute: str) -> ValueType:
    rule = desk.read.rules[name]
    owner = (
        desk.read.systems[rule.system].objects.get(rule.object)
        if isinstance(rule, InboundRuleFile) and rule.system in desk.read.systems
        else desk.read.types.get(rule.identity)
    )
    declared = owner.attributes.get(attribute) if owner else None
    return declared.type if declared else ValueType.TEXT


def _group_view(desk: Desk, name: str, group: Tree, at: tuple[int, ...]) -> CriteriaGroupView:
    members = list(enumerate(_members(group)))
    return CriteriaGroupView(
        id=desk.ids.of("group", name, *at), type=GroupType(next(iter(group)).title()), position=at[-1] if at else 0,
        criteria=tuple(_criterion_view(desk, name, m, (*at, n)) for n, m in members if members_of(m) is None),
        child_groups=tuple(_group_view(desk, name, m, (*at, n)) for n, m in members if members_of(m) is not None),
    )  # fmt: skip


def _criterion_view(desk: Desk, name: str, condition: Tree, at: tuple[int, ...]) -> CriterionView:
    rule = desk.read.rules[name]
    attribute, comparison = str(condition["attribute"]), comparison_of(condition)
    type_ = _type_of(desk, name, attribute)
    is_inbound = isinstance(rule, InboundRuleFile)
    return CriterionView(
        id=desk.ids.of("criterion", name, *at),
        metaverse_attribute_id=None if is_inbound else desk.ids.get("type_attribute", attribute),
        metaverse_attribute_name=None if is_inbound else attribute,
        connected_system_attribute_id=desk.ids.get("attribute", rule.system, rule.object, attribute)
        if is_inbound
        else None,
        connected_system_attribute_name=attribute if is_inbound else None,
        attribute_data_type=data_type(type_), comparison_type=comparison,
        case_sensitive=str(condition.get("case_sensitive", True)).lower() == "true",
        **values_of(condition, type_),
    )  # fmt: skip
