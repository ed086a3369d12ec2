"""Checks of joins by likeness: what is compared, and the thresholds."""

from accord.config.places import FileKind
from accord.config.rules import Rule
from accord.config.subject import Subject
from accord.engine.columns import object_columns
from accord.model.joins import Likeness
from accord.model.rules import IdentityType
from accord.model.schema import ObjectTypeSchema, ValueType


def check_likeness(
    subject: Subject, rule: Rule, placed: tuple[int, Likeness], schema: ObjectTypeSchema, identity_type: IdentityType
) -> None:
    """Note what is wrong with the likeness of the join at a position."""
    position, fuzzy = placed
    at = (FileKind.RULE, rule.name, "join", position, "fuzzy")
    if fuzzy.join is not None and fuzzy.join < fuzzy.review:
        subject.error(
            f"join ({fuzzy.join}) is below review ({fuzzy.review})", *at, "join", remedy="raise it, or lower review"
        )
    columns, by_lower = object_columns(schema), {name.lower(): name for name in schema.attributes}
    for comparison in fuzzy.comparisons:
        place = (*at, "compare", comparison.expression)
        expression = subject.expressions.value(comparison.expression, columns, place=subject.place(*place))
        if expression is not None:
            subject.use(rule.system, schema.name, (by_lower.get(n.lower(), n) for n in expression.uses))
        attribute = identity_type.attributes.get(comparison.attribute)
        if attribute is None:
            known = identity_type.attributes
            subject.unknown(f"attribute of {identity_type.name}", comparison.attribute, known, place)
        elif attribute.schema.type is ValueType.REFERENCE:
            subject.error(
                f"{comparison.attribute!r} is a reference; likeness compares values", *place,
                remedy="compare a value of the identity itself",
            )  # fmt: skip
        elif expression is not None:
            subject.expressions.compares(expression, attribute.schema, place=subject.place(*place))
