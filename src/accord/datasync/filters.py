"""The query language of the contract: `attribute operator "value"`, with AND, OR, NOT and parentheses.

Every operator has a meaning in LDAP and, but for Chain Match, over a table.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from accord.datasync.loose import wrong
from accord.engine.frames import literal, quote

_BIT_AND = "1.2.840.113556.1.4.803"
_BIT_OR = "1.2.840.113556.1.4.804"
_IN_CHAIN = "1.2.840.113556.1.4.1941"
_TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<mark>[()])|(?P<word>[^\s()"']+))""")
_ATTRIBUTE = re.compile(r"[\w.;@ -]+")
_ESCAPED = {"\\": r"\5c", "*": r"\2a", "(": r"\28", ")": r"\29", "\0": r"\00"}


class Comparison(Enum):
    """How an attribute is compared, by the words of the language."""

    IS_EXACTLY = ("is", "exactly")
    IS_NOT = ("is", "not")
    CONTAINS = ("contains",)
    NOT_CONTAIN = ("not", "contain")
    STARTS_WITH = ("starts", "with")
    DOES_NOT_START_WITH = ("does", "not", "start", "with")
    ENDS_WITH = ("ends", "with")
    DOES_NOT_END_WITH = ("does", "not", "end", "with")
    PRESENT = ("present",)
    NOT_PRESENT = ("not", "present")
    GREATER_OR_EQUAL = ("greater", "or", "equal")
    LESS_OR_EQUAL = ("less", "or", "equal")
    ALL_FLAGS_ON = ("all", "flags", "on")
    ALL_FLAGS_OFF = ("all", "flags", "off")
    ANY_FLAG_ON = ("any", "flag", "on")
    ANY_FLAG_OFF = ("any", "flag", "off")
    CHAIN_MATCH = ("chain", "match")


_WITHOUT_VALUE = (Comparison.PRESENT, Comparison.NOT_PRESENT)
_FLAGS = (Comparison.ALL_FLAGS_ON, Comparison.ALL_FLAGS_OFF, Comparison.ANY_FLAG_ON, Comparison.ANY_FLAG_OFF)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison."""

    attribute: str
    comparison: Comparison
    value: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Everything must hold."""

    members: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One must hold."""

    members: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """It must not hold."""

    member: "Filter"


Filter = Leaf | All | AnyOf | Not


def parse_filter(text: str, place: str) -> Filter:
    """Return the filter; raise Invalid that says what is not understood. A missing `)` at the end is forgiven."""
    parser = _Parser(_tokens(text, place), place)
    found = parser.disjunction()
    parser.expect_end()
    return found


def comparison_named(text: str, place: str) -> Comparison:
    """Return the comparison of an operator as clients write it in JSON."""
    words = tuple(text.casefold().split())
    for comparison in Comparison:
        if comparison.value == words:
            return comparison
    raise wrong(place, f"there is no operator {text!r}")


def to_ldap(found: Filter) -> str:
    """Return the filter in LDAP's form (RFC 4515)."""
    match found:
        case All(members):
            return f"(&{''.join(to_ldap(member) for member in members)})"
        case AnyOf(members):
            return f"(|{''.join(to_ldap(member) for member in members)})"
        case Not(member):
            return f"(!{to_ldap(member)})"
        case Leaf():
            return _ldap_leaf(found)


def to_condition(found: Filter, columns: Sequence[str], place: str) -> str:
    """Return the filter as a condition of our language over columns of text, upper and lower case alike."""
    match found:
        case All(members):
            return "(" + " and ".join(to_condition(member, columns, place) for member in members) + ")"
        case AnyOf(members):
            return "(" + " or ".join(to_condition(member, columns, place) for member in members) + ")"
        case Not(member):
            return f"not coalesce({to_condition(member, columns, place)}, false)"
        case Leaf(attribute):
            name = next((column for column in columns if column.casefold() == attribute.casefold()), None)
            if name is None:
                raise wrong(place, f"there is no column {attribute!r}", f"use one of: {', '.join(columns)}")
            return _condition_leaf(found, quote(name), place)


def attributes_in(found: Filter) -> frozenset[str]:
    """Return the attributes that a filter looks at."""
    match found:
        case All(members) | AnyOf(members):
            return frozenset().union(*(attributes_in(member) for member in members))
        case Not(member):
            return attributes_in(member)
        case Leaf(attribute):
            return frozenset({attribute})


_LDAP: Mapping[Comparison, str] = {
    Comparison.IS_EXACTLY: "({name}={value})",
    Comparison.IS_NOT: "(!({name}={value}))",
    Comparison.CONTAINS: "({name}=*{value}*)",
    Comparison.NOT_CONTAIN: "(!({name}=*{value}*))",
    Comparison.STARTS_WITH: "({name}={value}*)",
    Comparison.DOES_NOT_START_WITH: "(!({name}={value}*))",
    Comparison.ENDS_WITH: "({name}=*{value})",
    Comparison.DOES_NOT_END_WITH: "(!({name}=*{value}))",
    Comparison.PRESENT: "({name}=*)",
    Comparison.NOT_PRESENT: "(!({name}=*))",
    Comparison.GREATER_OR_EQUAL: "({name}>={value})",
    Comparison.LESS_OR_EQUAL: "({name}<={value})",
    Comparison.ALL_FLAGS_ON: f"({{name}}:{_BIT_AND}:={{value}})",
    Comparison.ALL_FLAGS_OFF: f"(!({{name}}:{_BIT_OR}:={{value}}))",
    Comparison.ANY_FLAG_ON: f"({{name}}:{_BIT_OR}:={{value}})",
    Comparison.ANY_FLAG_OFF: f"(!({{name}}:{_BIT_AND}:={{value}}))",
    Comparison.CHAIN_MATCH: f"({{name}}:{_IN_CHAIN}:={{value}})",
}
_BITS = "coalesce(try_cast({column} as bigint), 0)"
_TABLE: Mapping[Comparison, str] = {
    Comparison.IS_EXACTLY: "(lower({column}) = {text})",
    Comparison.IS_NOT: "(lower({column}) is distinct from {text})",
    Comparison.CONTAINS: "contains(lower({column}), {text})",
    Comparison.NOT_CONTAIN: "(not coalesce(contains(lower({column}), {text}), false))",
    Comparison.STARTS_WITH: "starts_with(lower({column}), {text})",
    Comparison.DOES_NOT_START_WITH: "(not coalesce(starts_with(lower({column}), {text}), false))",
    Comparison.ENDS_WITH: "ends_with(lower({column}), {text})",
    Comparison.DOES_NOT_END_WITH: "(not coalesce(ends_with(lower({column}), {text}), false))",
    Comparison.PRESENT: "({column} is not null)",
    Comparison.NOT_PRESENT: "({column} is null)",
    Comparison.ALL_FLAGS_ON: f"({_BITS} & {{value}} = {{value}})",
    Comparison.ALL_FLAGS_OFF: f"({_BITS} & {{value}} = 0)",
    Comparison.ANY_FLAG_ON: f"({_BITS} & {{value}} <> 0)",
    Comparison.ANY_FLAG_OFF: f"({_BITS} & {{value}} <> {{value}})",
}


def _ldap_leaf(leaf: Leaf) -> str:
    value = "".join(_ESCAPED.get(c, c) for c in leaf.value)
    return _LDAP[leaf.comparison].format(name=leaf.attribute, value=value)


def _condition_leaf(leaf: Leaf, column: str, place: str) -> str:
    if leaf.comparison in (Comparison.GREATER_OR_EQUAL, Comparison.LESS_OR_EQUAL):
        return _ordered(leaf, column)
    template = _TABLE.get(leaf.comparison)
    if template is None:
        raise wrong(place, "Chain Match is for directories: a table has no chains")
    return template.format(column=column, text=literal(leaf.value.lower()), value=leaf.value)


def _ordered(leaf: Leaf, column: str) -> str:
    sign = ">=" if leaf.comparison is Comparison.GREATER_OR_EQUAL else "<="
    if re.fullmatch(r"-?\d+(\.\d+)?", leaf.value):
        return f"(try_cast({column} as double) {sign} {leaf.value})"
    return f"(lower({column}) {sign} {literal(leaf.value.lower())})"


def _tokens(text: str, place: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise wrong(place, f"a quotation is not closed: {text[position : position + 20].strip()}")
        position = found.end()
        kind = str(found.lastgroup)
        word = found.group(kind)
        tokens.append((kind, word[1:-1].replace(word[0] * 2, word[0]) if kind == "text" else word))
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], place: str) -> None:
        self._tokens = tokens
        self._next = 0
        self._place = place

    def disjunction(self) -> Filter:
        members = [self._conjunction()]
        while self._took("or"):
            members.append(self._conjunction())
        return members[0] if len(members) == 1 else AnyOf(tuple(members))

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise wrong(self._place, f"not understood from {self._tokens[self._next][1]!r} on")

    def _conjunction(self) -> Filter:
        members = [self._factor()]
        while self._took("and"):
            members.append(self._factor())
        return members[0] if len(members) == 1 else All(tuple(members))

    def _factor(self) -> Filter:
        if self._took("("):
            inner = self.disjunction()
            if not self._took(")") and self._next < len(self._tokens):
                raise wrong(self._place, f"a ) is missing before {self._tokens[self._next][1]!r}")
            return inner
        if self._took("not"):
            return Not(self._factor())
        return self._leaf()

    def _leaf(self) -> Filter:
        attribute = self._word("an attribute")
        if not _ATTRIBUTE.fullmatch(attribute):
            raise wrong(self._place, f"{attribute!r} is not the name of an attribute")
        comparison = self._comparison(attribute)
        if comparison in _WITHOUT_VALUE:
            return Leaf(attribute, comparison)
        value = self._word(f"a value for {attribute}")
        if comparison in _FLAGS and not value.isdigit():
            raise wrong(self._place, f"{attribute}: flags are compared with a whole number, not {value!r}")
        return Leaf(attribute, comparison, value)

    def _comparison(self, attribute: str) -> Comparison:
        for comparison in sorted(Comparison, key=lambda c: -len(c.value)):
            ahead = [word.casefold() for kind, word in self._ahead(len(comparison.value)) if kind == "word"]
            if tuple(ahead) == comparison.value:
                self._next += len(comparison.value)
                return comparison
        known = ", ".join(" ".join(c.value).title() for c in Comparison)
        raise wrong(self._place, f"{attribute} is not followed by an operator", f"use one of: {known}")

    def _word(self, what: str) -> str:
        if self._next >= len(self._tokens) or self._tokens[self._next][0] == "mark":
            raise wrong(self._place, f"{what} is missing")
        self._next += 1
        return self._tokens[self._next - 1][1]

    def _took(self, word: str) -> bool:
        if self._next >= len(self._tokens):
            return False
        kind, text = self._tokens[self._next]
        if kind == "text" or text.casefold() != word:
            return False
        self._next += 1
        return True

    def _ahead(self, count: int) -> list[tuple[str, str]]:
        return self._tokens[self._next : self._next + count]
