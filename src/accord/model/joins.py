"""How an object recognises its identity: by equality of keys, or by likeness of the candidates they pick."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinKey:
    """Equality of an expression over the connected-system object with an attribute of the identity."""

    expression: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How alike an expression over the object and an attribute of the identity are, and how much that counts."""

    expression: str
    attribute: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Scored comparison of candidates: from `review` on a person decides, from `join` on the best alone is joined."""

    comparisons: tuple[Comparison, ...]
    review: float
    join: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRule:
    """One way to recognise an identity: all keys equal, none null. Text compares without case unless told.

    With `fuzzy` the keys only pick the candidates that are compared.
    """

    keys: tuple[JoinKey, ...]
    is_case_sensitive: bool = False
    fuzzy: Likeness | None = None
    place: str = ""
