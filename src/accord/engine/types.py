"""How values travel: raw text as systems give it, canonical text between modules, typed columns for computing.

Every function returns SQL over the SQL expression it is given (a column, usually); nothing is executed here.
Time stamps are TIMESTAMP without a zone and always UTC: a plain cast of text to TIMESTAMP ignores an offset, so
text becomes a time stamp in `parse_text` only, which applies it.
"""

import json
from collections.abc import Mapping

from accord.engine.frames import literal, quote
from accord.model.schema import AttributeSchema, ValueType

SQL_TYPES: Mapping[ValueType, str] = {
    ValueType.TEXT: "VARCHAR",
    ValueType.INTEGER: "BIGINT",
    ValueType.DECIMAL: "DECIMAL(38,10)",
    ValueType.BOOLEAN: "BOOLEAN",
    ValueType.DATE: "DATE",
    ValueType.DATETIME: "TIMESTAMP",
    ValueType.BINARY: "BLOB",
    ValueType.GUID: "VARCHAR",
    ValueType.REFERENCE: "VARCHAR",
}

BLANK = r"[\s\p{Z}]*"
_EDGES = r"^[\s\p{Z}]+|[\s\p{Z}]+$"
_INTEGER = r"[+-]?[0-9]+(?:\.0*)?"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_GUID = r"\{?[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?"
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_YEAR = r"(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_ISO_DATE = _YEAR + r"-[0-9]{1,2}-[0-9]{1,2}"
_ISO_UTC = _ISO_DATE + r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_ISO_ZONED = _ISO_DATE + r"[Tt ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)? ?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_BASIC_DATE = _YEAR + r"[0-9]{4}"
_GENERALIZED = _YEAR + r"(?:[0-9]{8}|[0-9]{10})(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}(?:[0-9]{2})?)?"
_GENERALIZED_PARTS = r"^(.{4})(..)(..)(..)(..)([0-9]{2})?"
_FIRST, _LAST = "TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
_TRUE = "('true', 'yes', '1', 't', 'y', 'on')"
_FALSE = "('false', 'no', '0', 'f', 'n', 'off')"

# No attribute can have this name, so a lambda never captures one.
_ITEM = '"·item"'


def sql_type(value_type: ValueType, is_multivalued: bool) -> str:  # noqa: FBT001 - a property of the column
    """Return the DuckDB type of a compute column."""
    return SQL_TYPES[value_type] + ("[]" if is_multivalued else "")


def parse_text(sql: str, attribute: AttributeSchema) -> str:
    """Return SQL that turns raw text (VARCHAR, VARCHAR[] when multi-valued) into canonical text.

    Blank text is null. What cannot be read is null as well: `is_unparseable` tells the two apart.
    Text stays as it is, edges included; everything else is trimmed.
    """
    if not attribute.is_multivalued:
        return _parse_one(sql, attribute)
    return _as_set(f"list_transform({sql}, lambda {_ITEM}: {_parse_one(_ITEM, attribute)})")


def is_unparseable(sql: str, attribute: AttributeSchema) -> str:
    """Return SQL that is true when a raw value is present and cannot be read; never null."""
    if attribute.type in (ValueType.TEXT, ValueType.REFERENCE):
        return "false"
    if not attribute.is_multivalued:
        return _fails(sql, attribute)
    return f"coalesce(len(list_filter({sql}, lambda {_ITEM}: {_fails(_ITEM, attribute)})) > 0, false)"


def is_unread(sql: str, parsed: str, attribute: AttributeSchema) -> str:
    """Return SQL that is true when a raw value is present and cannot be read, given what `parse_text` made of it."""
    if attribute.type in (ValueType.TEXT, ValueType.REFERENCE) or attribute.is_multivalued:
        return is_unparseable(sql, attribute)
    return f"({parsed} is null and coalesce(not {_is_blank(sql)}, false))"


def from_text(sql: str, value_type: ValueType, is_multivalued: bool) -> str:  # noqa: FBT001
    """Return SQL that makes a compute column of canonical text; text that is not canonical raises."""
    match value_type:
        case ValueType.TEXT | ValueType.GUID | ValueType.REFERENCE:
            return sql
        case ValueType.BINARY if is_multivalued:
            return f"list_transform({sql}, lambda {_ITEM}: from_base64({_ITEM}))"
        case ValueType.BINARY:
            return f"from_base64({sql})"
        case _:
            return f"cast({sql} as {sql_type(value_type, is_multivalued)})"


def to_text(sql: str, value_type: ValueType, is_multivalued: bool) -> str:  # noqa: FBT001
    """Return SQL that makes canonical text of a compute column.

    Several values come sorted, each once, without nulls; no values are null.
    """
    if is_multivalued:
        return _as_set(f"list_transform({sql}, lambda {_ITEM}: {_text_of(_ITEM, value_type)})")
    return _text_of(sql, value_type)


def doc_structure(attributes: Mapping[str, AttributeSchema]) -> str:
    """Return the structure by which `from_json` reads a document of these attributes, as JSON."""
    fields = (
        _key(name) + ('["VARCHAR"]' if attribute.is_multivalued else '"VARCHAR"')
        for name, attribute in attributes.items()
    )
    return "{" + ",".join(fields) + "}"


def doc_columns(doc: str, attributes: Mapping[str, AttributeSchema]) -> str:
    """Return a select list of typed compute columns, named as the attributes, of a document column.

    The engine sees that all columns share one `from_json`, so a document is parsed once.
    """
    parsed = f"from_json({doc}, {literal(doc_structure(attributes))})"
    return ", ".join(
        f"{from_text(f'{parsed}.{quote(name)}', attribute.type, attribute.is_multivalued)} as {quote(name)}"
        for name, attribute in attributes.items()
    )


def doc_of(columns: Mapping[str, tuple[str, bool]]) -> str:
    """Return SQL that makes the canonical document of columns: name -> (SQL of canonical text, is multi-valued).

    Keys are sorted, absent values left out, so a new attribute in a schema changes no document.
    """
    # to_json(null) is null and concat_ws leaves nulls out; measured the fastest that escapes (see the test).
    entries = ", ".join(f"{literal(_key(name))} || to_json({sql})" for name, (sql, _) in sorted(columns.items()))
    return f"concat('{{', concat_ws(',', {entries}), '}}')" if entries else "'{}'"


def content_hash(sql: str) -> str:
    """Return SQL of the 63-bit hash of a text: the same on every machine, but not in every engine version.

    It is the engine's own, ten times as fast as a digest. Whoever compares with one of another version finds another
    content where there is none, so he must look at the content then, as imports do.
    """
    return f"(hash({sql}) >> 1)::bigint"


def lasting_hash(sql: str) -> str:
    """Return SQL of a 63-bit hash of a text that is the same everywhere and always, for what is kept under it."""
    return f"(md5_number_lower({sql}) >> 1)::bigint"


def _parse_one(sql: str, attribute: AttributeSchema) -> str:  # noqa: PLR0911 - one per type
    trimmed = f"regexp_replace({sql}, {literal(_EDGES)}, '', 'g')"
    match attribute.type:
        case ValueType.TEXT:
            # Text that begins with a visible ASCII character is not blank: most text, and no need of a pattern.
            return f"case when {sql} > '!' and {sql} < chr(127) then {sql} when not {_is_blank(sql)} then {sql} end"
        case ValueType.REFERENCE:
            return f"nullif({trimmed}, '')"
        case ValueType.INTEGER:
            return f"case when {_is(trimmed, _INTEGER)} then try_cast({trimmed} as BIGINT)::VARCHAR end"
        case ValueType.DECIMAL:
            number = _text_of(f"try_cast({trimmed} as DECIMAL(38,10))", ValueType.DECIMAL)
            return f"case when {_is(trimmed, _DECIMAL)} then {number} end"
        case ValueType.BOOLEAN:
            word = f"lower({trimmed})"
            return f"case when {word} in {_TRUE} then 'true' when {word} in {_FALSE} then 'false' end"
        case ValueType.GUID:
            return f"case when {_is(trimmed, _GUID)} then try_cast({trimmed} as UUID)::VARCHAR end"
        case ValueType.BINARY:
            joined = rf"regexp_replace({sql}, '\s+', '', 'g')"
            whole = f"{joined} <> '' and {_is(joined, _BASE64)}"
            return f"case when {whole} then to_base64(from_base64({joined})) end"
        case ValueType.DATETIME:
            return _text_of(_time(trimmed, attribute.format), ValueType.DATETIME)
        case ValueType.DATE:
            return _text_of(_date(sql, trimmed, attribute.format), ValueType.DATE)


def _fails(sql: str, attribute: AttributeSchema) -> str:
    return f"(coalesce(not {_is_blank(sql)}, false) and ({_parse_one(sql, attribute)}) is null)"


def _text_of(sql: str, value_type: ValueType) -> str:
    match value_type:
        case ValueType.TEXT | ValueType.REFERENCE:
            return f"nullif({sql}, '')"
        case ValueType.GUID:
            return f"nullif(lower({sql}), '')"
        case ValueType.DECIMAL:
            # The cast fixes ten digits after the point, so there is a point to stop at.
            return f"rtrim(rtrim(cast({sql} as DECIMAL(38,10))::VARCHAR, '0'), '.')"
        case ValueType.BINARY:
            return f"to_base64({sql})"
        case ValueType.DATETIME:
            whole, fraction = "'%Y-%m-%dT%H:%M:%SZ'", "'%Y-%m-%dT%H:%M:%S.%fZ'"
            is_whole = f"microsecond({sql}) % 1000000 = 0"
            return f"case when {is_whole} then strftime({sql}, {whole}) else strftime({sql}, {fraction}) end"
        case ValueType.INTEGER | ValueType.BOOLEAN | ValueType.DATE:
            return f"cast({sql} as VARCHAR)"


def _time(trimmed: str, pattern: str | None) -> str:
    """Return SQL of the TIMESTAMP (UTC) in a text: by the pattern, ISO 8601 or generalized time."""
    point = f"replace(upper({trimmed}), ',', '.')"
    zoned = rf"regexp_replace({point}, ' (Z|[+-][0-9:]+)$', '\1')"
    # Seconds may be missing: the 0 put before them is taken out again when they are there.
    split = rf"regexp_replace({point}, {literal(_GENERALIZED_PARTS)}, '\1-\2-\3 \4:\5:0\6')"
    generalized = rf"regexp_replace({split}, ':0([0-9]{{2}})', ':\1')"
    time = (
        f"case when {_is(trimmed, _ISO_UTC)} then try_cast({trimmed} as TIMESTAMP)"
        f" when {_is(trimmed, _ISO_ZONED)} then timezone('UTC', try_cast({zoned} as TIMESTAMPTZ))"
        f" when {_is(trimmed, _GENERALIZED)} then timezone('UTC', try_cast({generalized} as TIMESTAMPTZ)) end"
    )
    if pattern is not None:
        # %z reads +0000 but not Z.
        zone = rf"regexp_replace({trimmed}, '[Zz]$', '+0000')" if "%z" in pattern else trimmed
        parsed = f"try_strptime(nullif({zone}, ''), {literal(pattern)})"
        time = f"coalesce(timezone('UTC', cast({parsed} as TIMESTAMPTZ)), {time})"
    return f"(case when ({time}) between {_FIRST} and {_LAST} then ({time}) end)"


def _date(sql: str, trimmed: str, pattern: str | None) -> str:
    """Return SQL of the DATE in a text; a time of day other than midnight is not a date."""
    time = _time(trimmed, None)
    text = (
        f"case when {_is(trimmed, _ISO_DATE)} then try_cast({trimmed} as DATE)"
        f" when {_is(trimmed, _BASIC_DATE)} then cast(try_strptime({trimmed}, '%Y%m%d') as DATE)"
        f" when {time} = date_trunc('day', {time}) then cast({time} as DATE) end"
    )
    if pattern is None:
        return f"({text})"
    # Most dates stand as they should, and trimming takes longer than reading them.
    plain, cut = (f"cast(try_strptime(nullif({t}, ''), {literal(pattern)}) as DATE)" for t in (sql, trimmed))
    return f"coalesce({plain}, {cut}, {text})"


def _as_set(texts: str) -> str:
    return f"nullif(list_sort(list_distinct({texts})), [])"


def _is(sql: str, pattern: str) -> str:
    return f"regexp_full_match({sql}, {literal(pattern)})"


def _is_blank(sql: str) -> str:
    return _is(sql, BLANK)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"
