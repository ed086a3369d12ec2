"""From a table of texts to objects: which columns are wanted, what the anchor is, how many values a text holds."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import ANCHOR, AT, ReadScope
from accord.model.errors import SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

ANCHOR_SEPARATOR = "|"
DEFAULT_MULTI_VALUE_DELIMITER = "|"

Columns = Mapping[str, pa.Array]
"""Arrays of `string` by column name, all equally long; no value is null."""


def only_type(scope: ReadScope, name: str, place: str) -> ObjectTypeSchema | None:
    """Return the wanted type, None when nothing is wanted; a file holds objects of one type only."""
    unknown = [wanted for wanted in scope.object_types if wanted != name]
    if unknown:
        raise SystemRefused(
            f"holds objects of type {name!r}, not {unknown[0]!r}",
            place=place,
            remedy=f"name the type {name!r}, or set object_type: {unknown[0]}",
        )
    return scope.object_types.get(name)


def refuse_unusable_header(names: Sequence[str], place: str) -> None:
    """Raise SystemRefused when two columns have one name."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
    if twice:
        raise SystemRefused(
            f"has more than one column named {', '.join(map(repr, twice))}",
            place=place,
            remedy="give every column a name of its own",
        )


def wanted_columns(object_type: ObjectTypeSchema, names: Sequence[str], place: str) -> tuple[str, ...]:
    """Return the columns that anchor and attributes need, each once; SystemRefused names the missing ones."""
    wanted = tuple(dict.fromkeys((*object_type.anchor, *object_type.attributes)))
    missing = [name for name in wanted if name not in names]
    if missing:
        raise SystemRefused(
            f"has no column {', '.join(map(repr, missing))}; its columns are {', '.join(map(repr, names))}",
            place=place,
            remedy=_did_you_mean(missing, names) or "correct the attribute's name, or add the column",
        )
    return wanted


def anchors(columns: Columns, object_type: ObjectTypeSchema) -> pa.Array:
    """Return each row's anchor: its values joined by `|`, null when one of them is missing."""
    parts = [columns[name] for name in object_type.anchor]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ANCHOR_SEPARATOR)


def object_rows(
    columns: Columns, at: pa.Array, object_type: ObjectTypeSchema, multi_value_delimiter: str
) -> pa.RecordBatch:
    """Return the rows of a `ReadBatch`."""
    arrays = {ANCHOR: anchors(columns, object_type), AT: at}
    for name, attribute in object_type.attributes.items():
        texts = columns[name]
        arrays[name] = split_values(texts, multi_value_delimiter) if attribute.is_multivalued else texts
    return pa.RecordBatch.from_pydict(arrays)


def split_values(texts: pa.Array, delimiter: str) -> pa.ListArray:
    """Return the values in each text as `list<string>`; empty ones do not count, and no values are null."""
    one = re.escape(delimiter)
    if pc.any(pc.match_substring_regex(texts, f"^{one}|{one}$|{one}{one}")).as_py():
        texts = pc.replace_substring_regex(texts, f"(?:{one}){{2,}}", delimiter.replace("\\", "\\\\"))
        texts = pc.replace_substring_regex(texts, f"^{one}|{one}$", "")
        texts = pc.if_else(pc.equal(texts, ""), None, texts)
    return pc.split_pattern(texts, delimiter)


def discovered_type(
    name: str, names: Sequence[str], sample: Columns, types: Mapping[str, ValueType] = MappingProxyType({})
) -> ObjectTypeSchema:
    """Return the object type of a file: the anchor is the first column that is unique in the sample.

    `types` tells what a column holds where the file itself knows; all else is text.
    """
    unique = [column for column in names if column in sample and _identifies(sample[column])]
    attributes = {
        column: AttributeSchema(name=column, type=types.get(column, ValueType.TEXT)) for column in names if column
    }
    return ObjectTypeSchema(name=name, anchor=tuple((unique or list(attributes))[:1]), attributes=attributes)


def _identifies(values: pa.Array) -> bool:
    return len(values) > 0 and values.null_count == 0 and pc.count_distinct(values).as_py() == len(values)


def _did_you_mean(missing: Sequence[str], names: Sequence[str]) -> str:
    by_folded = {name.strip().casefold(): name for name in names}
    guesses: list[str] = []
    for name in missing:
        close = get_close_matches(name.strip().casefold(), by_folded, n=1, cutoff=0.6)
        guesses.extend(f"did you mean {by_folded[match]!r} for {name!r}?" for match in close)
    return " ".join(guesses)
