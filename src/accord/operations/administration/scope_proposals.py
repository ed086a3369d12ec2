"""Scopes as they would be: worked out as a whole, for looking at what they would do."""

from collections.abc import Sequence

from accord.config.places import FileKind
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.naming import Tree, without_empty
from accord.operations.administration.rules import rule_named
from accord.operations.administration.scoping import condition_tree
from accord.operations.administration.scoping_views import ProposedGroup


def propose_scope(desk: Desk, rule_number: int, groups: Sequence[ProposedGroup]) -> None:
    """Work out another scope: everybody whom one of the groups takes; without any, everybody. No group is numbered."""
    name = rule_named(desk, rule_number)
    trees = [_tree_of(desk, name, group) for group in groups]
    scope = trees[0] if len(trees) == 1 else {"any": trees} if trees else None

    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.RULE, name)
        document.pop("scope", None)
        kept = None if scope is None else without_empty(scope)
        if kept is not None:
            document["scope"] = kept

    desk.change("propose_scope", name, None, edit)


def _tree_of(desk: Desk, name: str, group: ProposedGroup) -> Tree:
    criteria = [condition_tree(desk, name, criterion) for criterion in group.criteria]
    return {group.type.lower(): [*criteria, *(_tree_of(desk, name, child) for child in group.child_groups)]}
