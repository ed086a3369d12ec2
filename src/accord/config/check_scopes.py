"""Checks of scopes: an expression as any other, a group condition by condition, each at its own line."""

from collections.abc import Mapping

from accord.config.places import FileKind
from accord.config.subject import Subject
from accord.config.tree import Step
from accord.engine.conditions import expression_of, faults_of
from accord.engine.expressions import Column
from accord.model.rules import Scope


def check_scope(
    subject: Subject, scope: Scope, columns: Mapping[str, Column], at: tuple[FileKind, str, *tuple[Step, ...]]
) -> frozenset[str]:
    """Return the columns a scope uses, none after noting why it is wrong."""
    if isinstance(scope, str):
        return subject.expressions.condition(scope, columns, place=subject.place(*at))
    faults = tuple(faults_of(scope, columns))
    for fault in faults:
        subject.error(fault.message, *at, *fault.path, remedy=fault.remedy)
    if faults:
        return frozenset()
    return subject.expressions.condition(expression_of(scope, columns), columns, place=subject.place(*at))
